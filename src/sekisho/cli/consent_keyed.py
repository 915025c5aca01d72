"""`sekisho consent`: what is about one app, one third party, or one activity."""

from dataclasses import replace
from typing import Annotated

import typer

from sekisho.cli.consent_record import AtOption, Named, UntilOption, drafted, put, told
from sekisho.cli.session import LoginOption, SubjectOption, YesOption, desk
from sekisho.vocabulary import EventKind

ServiceOption = Annotated[str, typer.Option("--service", help="The linked app, such as GOOGLE_FIT.")]
ProviderOption = Annotated[str, typer.Option("--provider", help="The third party that provides the data.")]
ActivityOption = Annotated[str, typer.Option("--activity", help="Such as SURVEY:2026-spring.")]


def link(
    service: ServiceOption,
    subject: SubjectOption = None,
    login_id: LoginOption = None,
    at: AtOption = None,
    until: UntilOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Record that a person permits the link to an app.

    Example: sekisho consent link --login-id taro --service GOOGLE_FIT
    """
    _keyed(EventKind.LINK, service, (subject, login_id), at, until, yes=yes)


def unlink(
    service: ServiceOption,
    subject: SubjectOption = None,
    login_id: LoginOption = None,
    at: AtOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Record that a person ends the link to an app; its data is out of reach at once.

    Example: sekisho consent unlink --login-id taro --service GOOGLE_FIT
    """
    _keyed(EventKind.UNLINK, service, (subject, login_id), at, yes=yes)


def third_party(
    provider: ProviderOption,
    subject: SubjectOption = None,
    login_id: LoginOption = None,
    at: AtOption = None,
    until: UntilOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Record the separate consent to data from a third party.

    Example: sekisho consent third-party --login-id taro --provider GYM_CHAIN
    """
    _keyed(EventKind.THIRD_PARTY_CONSENT, provider, (subject, login_id), at, until, yes=yes)


def end_third_party(
    provider: ProviderOption,
    subject: SubjectOption = None,
    login_id: LoginOption = None,
    at: AtOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Record that the consent to data from a third party ends.

    Example: sekisho consent end-third-party --login-id taro --provider GYM_CHAIN
    """
    _keyed(EventKind.THIRD_PARTY_CONSENT_WITHDRAWAL, provider, (subject, login_id), at, yes=yes)


def participate(
    activity: ActivityOption,
    subject: SubjectOption = None,
    login_id: LoginOption = None,
    at: AtOption = None,
    until: UntilOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Record that a person takes part in a survey, campaign, event, trial or study.

    Example: sekisho consent participate --login-id taro --activity SURVEY:2026-spring
    """
    _keyed(EventKind.PARTICIPATION, activity, (subject, login_id), at, until, yes=yes)


def end_participation(
    activity: ActivityOption,
    subject: SubjectOption = None,
    login_id: LoginOption = None,
    at: AtOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Record that a person no longer takes part.

    Example: sekisho consent end-participation --login-id taro --activity SURVEY:2026-spring
    """
    _keyed(EventKind.PARTICIPATION_END, activity, (subject, login_id), at, yes=yes)


def _keyed(kind: EventKind, key: str, who: Named, at: str | None, until: str | None = None, *, yes: bool) -> None:
    with desk() as here:
        put(here, who, told(replace(drafted(kind, at, until), key=key)), yes=yes)
