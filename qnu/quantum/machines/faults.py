"""Exceptions of a service, explained in one line each with what to do next."""

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


#: Exceptions of requests, urllib3 and the system where the service was not reached.
_OFFLINE = frozenset(
    {"ConnectionError", "Timeout", "NewConnectionError", "NameResolutionError", "gaierror"}
    | {"ProxyError", "SSLError"}
)


class Named(Protocol):
    """A service; its name begins every message about it."""

    name: str


F = TypeVar("F", bound=Callable[..., Any])


class ServiceError(QnuError):
    """A request to a service failed: which service, why, and what to do next, in one line.

    Credentials are removed from ``what``. ``again``: a second try may succeed (a network fault).
    ``sent``: False where no work had been sent yet.
    """

    exit_code = 1

    def __init__(
        self, who: str, what: str, advice: str, *, again: bool = False, sent: bool | None = None
    ) -> None:
        self.who, self.what, self.advice = who, redact(" ".join(what.split())), advice
        self.again, self.sent = again, sent
        super().__init__(f"{who}: {self.what}; next: {advice}")

    def then(self, step: str) -> ServiceError:
        """The same error with one more step."""
        advice = f"{self.advice}; then {step}"
        return ServiceError(self.who, self.what, advice, again=self.again, sent=self.sent)


class NoAccountError(ServiceError):
    """There is no account for a service: neither saved nor in the environment."""


def explained(doing: str, sent: bool | None = None) -> Callable[[F], F]:
    """Decorator: any exception of a method becomes a ServiceError without a reference to it.

    ``doing`` describes the request where the exception is unknown. ``sent``: False for methods
    that send no work.
    """

    def around(method: F) -> F:
        @functools.wraps(method)
        def call(self: Named, *args: Any, **options: Any) -> Any:
            try:
                return method(self, *args, **options)
            except ServiceError:
                raise
            except Exception as error:  # dozens of kinds, and those of the libraries below
                fault = service_error(error, self.name, sent) or ServiceError(
                    self.name,
                    f"{type(error).__name__} when {doing}: {error or 'no reason given'}",
                    "try `qnu status`",
                    sent=sent,
                )
            raise fault  # outside of the handler: no reference to the first exception and its text

        return cast(F, call)

    return around


def service_error(error: BaseException, who: str, sent: bool | None = None) -> ServiceError | None:
    """An exception of qiskit-ibm-runtime 0.51, or of a library below it, as a ServiceError.

    None for unknown ones. ``sent`` is that of the ServiceError; the exception does not determine
    it: qiskit-ibm-runtime repeats a POST after 500, 502, 503, 504, 520, 521, 522 and 524 and raises
    the last answer, which may be a refusal although an earlier request was accepted.
    """
    chain = list(_chain(error))
    kinds = {kind.__name__ for link in chain for kind in type(link).__mro__}
    codes = (_code(link) for link in chain)
    code = next((code for code in codes if code is not None), None)
    text = str(error) or type(error).__name__

    def refused(what: str, advice: str) -> ServiceError:
        return ServiceError(who, what, advice, sent=sent)

    if "AccountNotFoundError" in kinds:
        return refused(
            "no account of the IBM Quantum Platform",
            f"save one with {SAVE}, or set QISKIT_IBM_TOKEN",
        )
    if kinds & _OFFLINE and code is None:
        reason = next((str(link) for link in reversed(chain) if str(link)), text)
        proxy = " (and the proxy)" if "ProxyError" in kinds else ""
        advice = f"check the network{proxy}; {LATER}"
        return ServiceError(who, f"not reached ({reason})", advice, again=True, sent=sent)
    unauthorized = {"IBMNotAuthorizedError", "InvalidAccountError"}
    if kinds & unauthorized or code in (401, 403) or ("ApiException" in kinds and code == 400):
        return refused(
            "the token is not accepted (expired or revoked?)",
            f"make a new API key at quantum.cloud.ibm.com, then {SAVE}(..., overwrite=True)",
        )
    if "QiskitBackendNotFoundError" in kinds:
        return refused("no such device for this account", "look at the devices of your instance")
    if code == 503 or "maintenance" in text.lower():
        return ServiceError(who, "the service is in maintenance", LATER, sent=sent)
    if "RuntimeJobNotFound" in kinds:
        return refused("the service knows no such job", "use the account that it was sent with")
    if "RuntimeJobMaxTimeoutError" in kinds:
        return refused(f"the job ran longer than allowed: {text}", "fewer shots or sample times")
    if kinds & {"RuntimeInvalidStateError", "RuntimeJobFailureError"}:
        return refused(text, "`qnu status` shows how it ended")
    if code == 429:
        return ServiceError(who, "too many requests", LATER, again=True, sent=sent)
    if code is not None and 400 <= code < 500:
        return refused(f"the service refused it: {text}", "change what it names, then submit again")
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
            status = getattr(place, name, None)
            if isinstance(status, int) and status >= 100:
                return status
    return None
