"""What a service's exceptions mean, and what to do about them: one line each."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar, cast

from ...errors import QnuError
from .credentials import redact

SAVE = "QiskitRuntimeService.save_account"
LATER = "try again later: nothing is lost"
_NETWORK = frozenset(
    {"ConnectionError", "Timeout", "RequestException", "RequestsApiError", "HTTPError", "OSError"}
)


#: Of requests, urllib3 and the system: the service was not even reached.
_OFFLINE = frozenset(
    {"ConnectionError", "Timeout", "NewConnectionError", "NameResolutionError", "gaierror"}
    | {"ProxyError", "SSLError"}
)


class Named(Protocol):
    """A service: its name begins every line about it."""

    name: str


F = TypeVar("F", bound=Callable[..., Any])


class ServiceError(QnuError):
    """A service did not do what was asked: who, what it said, and what to do next, in one line.

    ``what`` is cleaned of known credentials. ``again``: asking once more may help by itself (a
    network fault). ``sent``: False where nothing had been sent yet.
    """

    exit_code = 1

    def __init__(
        self, who: str, what: str, advice: str, *, again: bool = False, sent: bool | None = None
    ) -> None:
        self.who, self.what, self.advice = who, redact(" ".join(what.split())), advice
        self.again, self.sent = again, sent
        super().__init__(f"{who}: {self.what}; next: {advice}")

    def then(self, step: str) -> ServiceError:
        """The same error with one more thing to do."""
        advice = f"{self.advice}; then {step}"
        return ServiceError(self.who, self.what, advice, again=self.again, sent=self.sent)


def explained(doing: str, sent: bool | None = None) -> Callable[[F], F]:
    """Whatever a method raises, as one ServiceError that holds nothing of it but words.

    ``doing`` is for exceptions that do not tell by themselves. ``sent``: False for methods that
    send nothing off.
    """

    def around(method: F) -> F:
        @functools.wraps(method)
        def asked(self: Named, *args: Any, **options: Any) -> Any:
            try:
                return method(self, *args, **options)
            except ServiceError:
                raise
            except Exception as error:  # dozens of kinds, and those of the libraries below
                fault = known(error, self.name, sent) or ServiceError(
                    self.name,
                    f"{type(error).__name__} when {doing}: {error or 'no reason given'}",
                    "`qnu status` asks once more",
                    sent=sent,
                )
            raise fault  # out here: it does not carry the first one (and its text) along

        return cast(F, asked)

    return around


def known(error: BaseException, who: str, sent: bool | None = None) -> ServiceError | None:
    """The meaning of an exception of qiskit-ibm-runtime 0.51, or of what that uses.

    ``sent`` is that of the ServiceError. No exception tells it: qiskit-ibm-runtime repeats a POST
    after 500, 502, 503, 504, 520, 521, 522 and 524. What is raised is the last answer, which may
    be a refusal although an earlier request was taken in.
    """
    chain = list(_chain(error))
    kinds = {kind.__name__ for link in chain for kind in type(link).__mro__}
    code = next((found for link in chain if (found := _code(link)) is not None), None)
    text = str(error) or type(error).__name__

    def no(what: str, advice: str) -> ServiceError:
        return ServiceError(who, what, advice, sent=sent)

    if "AccountNotFoundError" in kinds:
        return no(
            "no account of the IBM Quantum Platform",
            f"save one with {SAVE}, or set QISKIT_IBM_TOKEN",
        )
    if kinds & _OFFLINE and code is None:
        reason = next((str(link) for link in reversed(chain) if str(link)), text)
        proxy = " (and the proxy)" if "ProxyError" in kinds else ""
        advice = f"check the network{proxy}; {LATER}"
        return ServiceError(who, f"not reached ({reason})", advice, again=True, sent=sent)
    refused = {"IBMNotAuthorizedError", "InvalidAccountError"}
    if kinds & refused or code in (401, 403) or ("ApiException" in kinds and code == 400):
        return no(
            "the token is not accepted (expired or revoked?)",
            f"make a new API key at quantum.cloud.ibm.com, then {SAVE}(..., overwrite=True)",
        )
    if "QiskitBackendNotFoundError" in kinds:
        return no("no such device for this account", "look at the devices of your instance")
    if code == 503 or "maintenance" in text.lower():
        return ServiceError(who, "the service is in maintenance", LATER, sent=sent)
    if "RuntimeJobNotFound" in kinds:
        return no("the service knows no such job", "use the account that it was sent with")
    if "RuntimeJobMaxTimeoutError" in kinds:
        return no(f"the job ran longer than allowed: {text}", "fewer shots or sample times")
    if kinds & {"RuntimeInvalidStateError", "RuntimeJobFailureError"}:
        return no(text, "`qnu status` shows how it ended")
    if code == 429:
        return ServiceError(who, "too many requests", LATER, again=True, sent=sent)
    if code is not None and 400 <= code < 500:
        return no(f"the service said no: {text}", "change what it names, then submit again")
    if kinds & _NETWORK or code is not None:
        advice = f"check the network; {LATER}"
        return ServiceError(who, f"not reached ({text})", advice, again=True, sent=sent)
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        error = error.__cause__ or error.__context__


def _code(error: BaseException) -> int | None:
    """The HTTP status that an exception carries."""
    for place in (error, getattr(error, "response", None)):
        for name in ("status_code", "code"):
            found = getattr(place, name, None)
            if isinstance(found, int) and found >= 100:
                return found
    return None
