"""属性情報: what data subjects told about themselves."""

import strawberry

from sekisho.graph.governed import governed, subject_type
from sekisho.graph.reached import Reached
from sekisho.graph.words import Age, PartialDate, Sex, enum_value
from sekisho.store.tables import people
from sekisho.store.values import age, birth_date, stored
from sekisho.vocabulary import DataCategory

_TABLE = people.subject_attribute
_OTHER = people.subject_other_attribute

BIRTH_DATE = birth_date(_TABLE)
AGE = age(_TABLE)
SEX = stored(_TABLE, _TABLE.c.sex, _TABLE.c.sex_source)
HEIGHT = stored(_TABLE, _TABLE.c.height_cm, _TABLE.c.height_source)
WEIGHT = stored(_TABLE, _TABLE.c.weight_kg, _TABLE.c.weight_source)


@subject_type
class Attributes:
    """属性情報: what the data subject told us about themself."""

    reached: strawberry.Private[Reached]
    birth_date: PartialDate | None = governed(
        DataCategory.ATTRIBUTE, item="birthDate", value=BIRTH_DATE, label="生年月日"
    )
    age: Age | None = governed(DataCategory.ATTRIBUTE, item="age", value=AGE, unit="a", label="年齢")
    sex: Sex | None = governed(DataCategory.ATTRIBUTE, item="sex", value=SEX, label="性別", parse=enum_value(Sex))
    height_cm: float | None = governed(DataCategory.ATTRIBUTE, item="height", value=HEIGHT, unit="cm", label="身長")
    weight_kg: float | None = governed(DataCategory.ATTRIBUTE, item="weight", value=WEIGHT, unit="kg", label="体重")


@subject_type
class OtherAttribute:
    """その他の属性情報: a further item the data subject registered."""

    reached: strawberry.Private[Reached]
    name: str | None = governed(
        DataCategory.ATTRIBUTE, item="otherAttributes", value=stored(_OTHER, _OTHER.c.name), label="項目名"
    )
    value: str | None = governed(
        DataCategory.ATTRIBUTE, item="otherAttributes", value=stored(_OTHER, _OTHER.c.value), label="内容"
    )
