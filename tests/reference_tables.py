"""The words and tables of the reference model, transcribed by hand.

Nothing here comes from the product: the two voices share the prose they were written from, and no code.
"""

USE_PURPOSES = {  # purpose -> its parent
    "SERVICE_PROVISION": None,
    "SERVICE_OPERATION": None,
    "SERVICE_ADMINISTRATION": None,
    "PRODUCT_SERVICE_GUIDANCE": None,
    "AFTER_SERVICE_GUIDANCE": "PRODUCT_SERVICE_GUIDANCE",
    "PERSONALIZED_ADVERTISING": "PRODUCT_SERVICE_GUIDANCE",
    "PRODUCT_DEVELOPMENT": None,
    "ALGORITHM_DEVELOPMENT": "PRODUCT_DEVELOPMENT",
    "SERVICE_IMPROVEMENT": "PRODUCT_DEVELOPMENT",
    "SURVEY_REQUEST": None,
    "CAMPAIGN_EVENT_PRIZE": None,
    "CAMPAIGN_EVENT_INFO": "CAMPAIGN_EVENT_PRIZE",
    "LOTTERY_WINNER_ANNOUNCEMENT": "CAMPAIGN_EVENT_PRIZE",
    "PRIZE_SHIPPING": "CAMPAIGN_EVENT_PRIZE",
    "TRIAL_CLINICAL_RECRUITMENT": None,
    "MONITOR_TRIAL_RECRUITMENT": "TRIAL_CLINICAL_RECRUITMENT",
    "MONITOR_TRIAL_EXECUTION": "TRIAL_CLINICAL_RECRUITMENT",
    "CLINICAL_RESEARCH_RECRUITMENT": "TRIAL_CLINICAL_RECRUITMENT",
    "CLINICAL_RESEARCH_EXECUTION": "TRIAL_CLINICAL_RECRUITMENT",
    "RESEARCH_ACADEMIC": None,
    "PAPER_PUBLICATION": "RESEARCH_ACADEMIC",
    "INQUIRY_RESPONSE": None,
    "OTHER_BUSINESS_ACTIVITY": None,
    "PLANNING": "OTHER_BUSINESS_ACTIVITY",
    "MARKETING": "OTHER_BUSINESS_ACTIVITY",
    "DEVELOPMENT": "OTHER_BUSINESS_ACTIVITY",
    "PRODUCTION": "OTHER_BUSINESS_ACTIVITY",
    "PROMOTION": "OTHER_BUSINESS_ACTIVITY",
    "SALES": "OTHER_BUSINESS_ACTIVITY",
    "INCIDENTAL": "OTHER_BUSINESS_ACTIVITY",
}

D1, D2, D3 = "PROCESSING_FOR_USE_PURPOSE", "CONTRACT_POLICY_ENFORCEMENT", "LEGAL_COMPLIANCE"
D4, D5, D6 = "LEGAL_CLAIMS", "ABUSE_SECURITY_SAFETY", "EXTERNAL_LINKAGE_AUTHENTICATION"
DISCLOSURE_PURPOSES = {  # disclosure purpose -> its parent
    D1: None,
    "APP_USAGE_ANALYSIS": D1,
    "DATA_STORAGE": D1,
    "CUSTOMER_SUPPORT": D1,
    "MARKETING_ANALYSIS": D1,
    "OTHER_PROCESSING": D1,
    D2: None,
    D3: None,
    D4: None,
    D5: None,
    D6: None,
}
PARENT = USE_PURPOSES | DISCLOSURE_PURPOSES

SELF, R1, RS = "SELF", "FIRST_PARTY", "STATISTICS_RECIPIENT"
R2, R3, R4 = "AFFILIATE", "CAPITAL_ALLIANCE_PARTNER", "BUSINESS_ALLIANCE_PARTNER"
R5, R6, R7 = "JOINT_RESEARCH_PARTNER", "OPERATIONS_CONTRACTOR", "DATA_LINKAGE_PARTNER"
R8, R9, R10 = "OTHER_THIRD_PARTY", "PUBLIC_AUTHORITY", "EXTERNAL_AUTH_SERVICE"
RECIPIENTS = (SELF, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10, RS)
THIRD_PARTIES = (R2, R3, R4, R5, R6, R7, R8, R9, R10, RS)

ITEMS_OF = {
    "ATTRIBUTE": ("birthDate", "age", "sex", "height", "weight", "otherAttributes"),
    "ACCOUNT": ("loginId", "idToken", "email", "otherAccount"),
    "HEALTH_MEASUREMENT": ("measurement",),
    "LINKED_APP": ("linkedAppData",),
    "NEWLY_ACQUIRED": ("surveyAnswer", "campaignEntry", "eventEntry", "monitorTrial", "clinicalResearchRecruitment"),
    "SUPPORT": ("supportCase",),
    "USAGE_HISTORY": (
        "accessHistory",
        "inAppOperation",
        "searchHistory",
        "ipAddress",
        "accessDate",
        "referringPage",
        "exitPage",
        "cookie",
        "referrer",
    ),
}
CATEGORY = {item: category for category, items in ITEMS_OF.items() for item in items}
ITEMS = tuple(CATEGORY)

# The literal layer: who, for which use purposes, for which disclosure purposes (None: none is declared). Every
# category but DEVICE, of which nothing is enumerated. R8 stands in the text's list (as the rest of it), RS does not.
LITERAL = (
    ((SELF,), None, None),
    ((R1,), tuple(USE_PURPOSES), None),
    ((R2, R3, R4, R5, R6, R7, R8), tuple(USE_PURPOSES), (D1,)),
    ((R2, R3, R4, R5, R6, R7, R8), None, (D2, D3, D4, D5, D6)),
    ((R9,), None, (D3, D4, D5)),
    ((R10,), None, (D6,)),
)
LITERAL_CATEGORIES = tuple(ITEMS_OF)

# SEMANTICS 7, first table. F as stored, Y year, B five-year band, - withheld; idToken is unlisted, so withheld.
_PROFILE = """
                                    U0a U0b U0c U1 U1a U2 U3 U4 U5r U5x U6 U7 U8m U8p
birthDate                            F   -   -  -   -  Y  -  -   -   Y  Y  F   -   -
age                                  F   -   -  B   B  B  B  B   B   B  B  F   B   B
sex                                  F   -   -  F   F  F  F  -   F   F  F  -   F   F
height,weight                        F   -   -  -   -  F  -  -   F   F  F  -   -   -
otherAttributes                      F   -   -  -   -  -  -  -   -   F  -  -   -   -
loginId                              F   F   F  -   -  -  -  F   -   -  -  F   -   -
email                                F   F   F  F   F  -  F  F   F   F  -  F   -   -
otherAccount                         F   F   F  -   -  -  -  -   -   -  -  F   -   -
measurement                          F   -   -  -   -  F  -  -   F   F  F  -   -   -
linkedAppData                        F   -   -  -   -  F  -  -   -   F  F  -   -   -
surveyAnswer                         -   -   -  -   -  F  F  -   -   F  F  -   -   -
campaignEntry,eventEntry             -   -   -  F   F  -  -  F   -   -  -  -   F   -
monitorTrial                         -   -   -  -   -  F  -  -   F   F  F  -   -   -
clinicalResearchRecruitment          -   -   -  -   -  -  -  -   F   F  F  -   -   -
supportCase                          -   -   F  -   -  -  -  -   -   -  -  F   -   -
accessHistory,accessDate             F   F   F  -   -  -  -  -   -   -  -  F   -   F
inAppOperation                       F   F   -  -   F  F  -  -   -   -  -  F   F   F
searchHistory                        -   F   -  -   F  F  -  -   -   -  -  -   -   -
ipAddress                            -   F   F  -   -  -  -  -   -   -  -  -   -   -
referringPage,exitPage,referrer      -   F   -  -   F  -  -  -   -   -  -  -   F   -
cookie                               -   F   -  -   F  -  -  -   -   -  -  -   -   -
"""
_HEADER, *_ROWS = (line.split() for line in _PROFILE.strip().splitlines())
TRANSFORM = {"F": "FULL", "Y": "YEAR", "B": "BAND"}
PROFILE = {
    (item, column): TRANSFORM[cell]
    for items, *cells in _ROWS
    for item in items.split(",")
    for column, cell in zip(_HEADER, cells, strict=True)
    if cell != "-"
}
COLUMN = {  # the purposes with a column of their own; bare U5 and U8 have none
    "SERVICE_PROVISION": "U0a",
    "SERVICE_OPERATION": "U0b",
    "SERVICE_ADMINISTRATION": "U0c",
    "PRODUCT_SERVICE_GUIDANCE": "U1",
    "PERSONALIZED_ADVERTISING": "U1a",
    "PRODUCT_DEVELOPMENT": "U2",
    "SURVEY_REQUEST": "U3",
    "CAMPAIGN_EVENT_PRIZE": "U4",
    "MONITOR_TRIAL_RECRUITMENT": "U5r",
    "CLINICAL_RESEARCH_RECRUITMENT": "U5r",
    "MONITOR_TRIAL_EXECUTION": "U5x",
    "CLINICAL_RESEARCH_EXECUTION": "U5x",
    "RESEARCH_ACADEMIC": "U6",
    "INQUIRY_RESPONSE": "U7",
    "MARKETING": "U8m",
    "PROMOTION": "U8m",
    "SALES": "U8m",
    "PLANNING": "U8p",
    "PRODUCTION": "U8p",
    "INCIDENTAL": "U8p",
    "DEVELOPMENT": "U2",
}

# SEMANTICS 7, second table: what a third party may declare under D1, and the categories it never receives.
U0A, U1, U2 = "SERVICE_PROVISION", "PRODUCT_SERVICE_GUIDANCE", "PRODUCT_DEVELOPMENT"
U4, U5, U6, U8 = "CAMPAIGN_EVENT_PRIZE", "TRIAL_CLINICAL_RECRUITMENT", "RESEARCH_ACADEMIC", "OTHER_BUSINESS_ACTIVITY"
UNDER_D1: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    R2: ((U2, U8), ("ACCOUNT", "LINKED_APP", "SUPPORT")),
    R3: ((U2, U8), ("ACCOUNT", "LINKED_APP", "SUPPORT")),
    R4: ((U1, U2, U4, U8), ("ACCOUNT", "LINKED_APP", "SUPPORT")),
    R5: ((U2, U5, U6), ("ACCOUNT",)),
    R6: (tuple(USE_PURPOSES), ()),
    R7: ((U0A,), ("ACCOUNT", "NEWLY_ACQUIRED", "SUPPORT", "USAGE_HISTORY")),
}
EMAIL_UNDER_D1 = {(R4, U1): "MASK", (R4, "PRIZE_SHIPPING"): "FULL", (R5, U5): "FULL"}  # despite "never account items"
UNDER_OTHERS = {
    (R6, D2): ("loginId", "email", "accessHistory"),
    (R7, D6): ("loginId", "email"),
    (R10, D6): ("loginId", "email"),
}
