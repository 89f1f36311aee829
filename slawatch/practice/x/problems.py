"""Answers of the practice X, and the shapes its refusals have: problem objects, the old list, nothing, and HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PROBLEMS = "https://api.twitter.com/2/problems/"
BLANK = "about:blank"
HTML = b"<!DOCTYPE html><html><head><title>X / ?</title></head><body><h1>Something went wrong</h1></body></html>\n"


@dataclass(slots=True, kw_only=True)
class Answer:
    """What goes back over the line. `body` is JSON where it is a mapping, "" or HTML as bytes."""

    status: int = 200
    body: Mapping[str, Any] | bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"


class RefusedError(Exception):
    """A call is answered with a refusal; nothing of it was done."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def problem(status: int, title: str, detail: str, kind: str = "", **more: Any) -> Answer:
    """Return a problem object; `kind` is the last part of its type, "" where X gives none."""
    body = {"title": title, "detail": detail, "type": PROBLEMS + kind if kind else BLANK, "status": status, **more}
    return Answer(status=status, body=body, content_type="application/problem+json")


def legacy(status: int, code: int, message: str) -> Answer:
    """Return the shape of errors that X had before problem objects, and still gives in places."""
    return Answer(status=status, body={"errors": [{"code": code, "message": message}]})


def invalid(parameter: str, value: object, message: str) -> RefusedError:
    """Return what X raises for a bad parameter."""
    return RefusedError(
        Answer(
            status=400,
            body={
                "errors": [{"parameters": {parameter: [str(value)]}, "message": message}],
                "title": "Invalid Request",
                "detail": "One or more parameters to your request was invalid.",
                "type": PROBLEMS + "invalid-request",
            },
        )
    )


def unauthorized() -> Answer:
    """Return the one 401 there is; it does not say what was wrong."""
    return problem(401, "Unauthorized", "Unauthorized")


def forbidden(detail: str, kind: str = "") -> Answer:
    """Return a 403 that says why."""
    return problem(403, "Forbidden", detail, kind)


def duplicate() -> Answer:
    """Return the 403 for a text that the account posted already."""
    return forbidden("You are not allowed to create a Tweet with duplicate content.")


def not_summoned() -> Answer:
    """Return the 403 for a reply to somebody who did not call the account."""
    return forbidden(
        "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the "
        "author of the post you are replying to."
    )


def blocked() -> Answer:
    """Return the 403 for a reply to somebody who blocks the account."""
    return forbidden("You have been blocked from performing this action by the author of the post.")


def no_credits() -> Answer:
    """Return the 402 of an app whose credits are used up."""
    return problem(
        402, "CreditsDepleted", "Your enrolled account does not have any credits to fulfill this request.", "credits"
    )


def too_many() -> Answer:
    """Return the 429; whoever sends it adds the headers that say until when."""
    return problem(429, "Too Many Requests", "Too Many Requests")


def unsupported() -> Answer:
    """Return the 403 for an app that comes without a person where one is needed."""
    return problem(
        403,
        "Unsupported Authentication",
        "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.  Supported authentication "
        "types are [OAuth 1.0a User Context, OAuth 2.0 User Context].",
        "unsupported-authentication",
    )


def missing(resource: str, parameter: str, value: str) -> dict[str, Any]:
    """Return the partial error for something that is not there."""
    noun = "tweet" if resource == "tweet" else "user"
    return {
        "value": value,
        "detail": f"Could not find {noun} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": resource,
        "parameter": parameter,
        "resource_id": value,
        "type": PROBLEMS + "resource-not-found",
    }


def not_authorized(resource: str, parameter: str, value: str) -> dict[str, Any]:
    """Return the partial error for something the caller may not see."""
    return {
        "value": value,
        "detail": f"Sorry, you are not authorized to see the {resource.title()} with {parameter}: [{value}].",
        "title": "Authorization Error",
        "resource_type": resource,
        "parameter": parameter,
        "resource_id": value,
        "type": PROBLEMS + "not-authorized-for-resource",
    }
