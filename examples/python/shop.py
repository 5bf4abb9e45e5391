"""The part of a shop that talks to the vendors: it sells a key of each, for one day.

Only the standard library is used, so that nothing hides what goes over the wire. Addresses and
credentials come from the environment, in production as in tests.
"""

import json
import os
import urllib.error
import urllib.request


class Unknown(Exception):
    """The answer got lost: the vendor may have done the work. Look before trying again."""


def ask(method, url, document=None, **headers):
    """Sends a request once. Whatever creates something must never be sent again blindly."""
    headers.setdefault("Content-Type", "application/json")
    request = urllib.request.Request(
        url,
        method=method,
        data=None if document is None else json.dumps(document).encode(),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        if refusal.code >= 500:
            raise Unknown(f"{method} answered {refusal.code}") from refusal
        raise
    except OSError as lost:
        raise Unknown(f"{method}: {lost}") from lost


def sell_junkie(order, provider):
    """Sells a key of Junkie; the order's name tells later whether it was made."""
    return ask(
        "POST",
        os.environ["JUNKIE_BASE_URL"] + "/keys",
        {"provider_id": provider, "key_name": order, "validity_minutes": 24 * 60},
        Authorization="Bearer " + os.environ["JUNKIE_API_KEY"],
    )


def sell_luaprot(order, hub):
    """Sells a key of LuaProt, with the order as its note."""
    return ask(
        "POST",
        f"{os.environ['LUAPROT_BASE_URL']}/api/v2/hubs/{hub}/keys/add",
        {"expire": 24 * 3600, "note": order},
        Authorization=os.environ["LUAPROT_API_KEY"],
    )


def sell_keycrate(order, subscription):
    """Sells a license of Keycrate, with the order as its tag."""
    return ask(
        "POST",
        os.environ["KEYCRATE_BASE_URL"] + "/license/create",
        {
            "app_id": os.environ["KEYCRATE_APP_ID"],
            "subscription_id": subscription,
            "duration_unit": "days",
            "duration_value": 1,
            "tags": [order],
        },
        x_api_key=os.environ["KEYCRATE_API_KEY"],
    )


def sell_keygen(order_id, policy):
    """Sells a license of Keygen under an id of the shop's own: sent twice, it is made once."""
    return ask(
        "POST",
        f"{os.environ['KEYGEN_BASE_URL']}/accounts/{os.environ['KEYGEN_ACCOUNT']}/licenses",
        {
            "data": {
                "type": "licenses",
                "id": order_id,
                "relationships": {"policy": {"data": {"type": "policies", "id": policy}}},
            }
        },
        Content_Type="application/vnd.api+json",
        Authorization="Bearer " + os.environ["KEYGEN_TOKEN"],
    )
