"""A report that goes to one company alone: what of the rest of the world is kept out of it. Pure.

Accounts, failed looks, costs and waiting reviews are kept for all companies together; their figures speak of others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from slawatch.redact import SIGN
from slawatch.report.model import EXCERPT_MAX, WHOLE_MAX, Material


def alone(material: Material, chosen: Collection[str], *, others: Iterable[str] = ()) -> Material:
    """Return the material with nothing in it that other companies brought about; as it is where none are chosen.

    `others` are names, keys, domains and addresses of the other companies: the error of a failed look that holds one is
    not shown, though that we could not look is. To one company alone its own letters are shown whole: it wrote them.
    """
    if not chosen:
        return material
    used = {case.request.account for case in material.cases}
    probes = {case.request.text.probe for case in (*material.cases, *material.before)}
    named = tuple(one.casefold() for one in others if one)
    blind = tuple(
        one._replace(why=SIGN) if any(name in one.why.casefold() for name in named) else one
        for one in material.blind
        if one.account in used
    )
    return replace(
        material,
        companies={key: view for key, view in material.companies.items() if key in chosen},
        standards={key: held for key, held in material.standards.items() if key[0] in chosen},
        published={key: said for key, said in material.published.items() if key[0] in chosen},
        looks={account: at for account, at in material.looks.items() if account in used},
        blind=blind,
        canaries=tuple(one for one in material.canaries if one.account in used),
        review_waiting=sum(reply.in_review for case in material.cases for reply in case.replies),
        costs={},
        customers_only={name: only for name, only in material.customers_only.items() if name in probes},
        terms={key: held for key, held in material.terms.items() if key[0] in chosen},
        excerpt_max=WHOLE_MAX if len(set(chosen)) == 1 else EXCERPT_MAX,
        last=material.last and replace(material.last, figures=_groups_of(material.last.figures, chosen)),
    )


def _groups_of(figures: Mapping[str, Any], chosen: Collection[str]) -> dict[str, Any]:
    """Return of what a report said no more than is compared: the groups of these companies."""
    return {"groups": [group for group in figures.get("groups", ()) if group["company"] in chosen]}
