"""Tests of the shop against the mock server: time and lost answers, at all four vendors."""

import json
import os
import unittest
import urllib.error
import urllib.request

import shop
from mock import Mock

ORDER = "order 1042"
ORDER_ID = "7d2e4e9a-3f0b-4c57-9a41-1d6f3a5b0c42"  # Keygen takes ids of the shop's own


class VendorTest(unittest.TestCase):
    """What the tests have in common: a server as new for each, and no findings at the end."""

    def setUp(self):
        self.mock = Mock()
        self.mock.reset()

    def tearDown(self):
        self.assertEqual(self.mock.findings(), [], "the program sent something in vain")

    def sold_once_although_the_answer_got_lost(self, sell, op, collection):
        """The vendor does the work, the shop is not told, and there is one object all the same."""
        before = len(self.mock.objects(collection))
        self.mock.lose_one_answer(op)
        with self.assertRaises(shop.Unknown):
            sell()
        self.assertEqual(len(self.mock.objects(collection)) - before, 1)


class JunkieTest(VendorTest):
    def setUp(self):
        super().setUp()
        made = self.mock.seed(
            junkie={
                "providers": [{"name": "shop"}],
                "keys": [{"value": "SHOP-1042", "provider": "shop", "validity": "1d"}],
            }
        )
        self.provider = made["junkie"]["providers"][0]["id"]

    def verify(self):
        return self.mock.call("POST", "/junkie/verify", {"key": "SHOP-1042", "hwid": "device-1"})["code"]

    def test_a_key_expires(self):
        self.assertEqual(self.verify(), "KEY_VALID")
        self.mock.advance("25h")
        self.assertEqual(self.verify(), "KEY_EXPIRED")

    def test_a_lost_answer(self):
        self.sold_once_although_the_answer_got_lost(
            lambda: shop.sell_junkie(ORDER, self.provider), "junkie.createKey", "junkie/keys"
        )
        names = [key["name"] for key in self.mock.objects("junkie/keys")]
        self.assertEqual(names.count(ORDER), 1, "the name tells that the order was served")


class LuaProtTest(VendorTest):
    def setUp(self):
        super().setUp()
        made = self.mock.seed(
            luaprot={
                "hubs": [{"name": "main"}],
                "scripts": [{"name": "loader", "hub": "main"}],
                "keys": [{"key": "lua-1042", "hub": "main", "expire": "+24h"}],
            }
        )
        self.hub = made["luaprot"]["hubs"][0]["id"]

    def check(self):
        return self.mock.call("POST", "/luaprot/check", {"script": "loader", "key": "lua-1042", "hwid": "device-1"})["status"]

    def test_a_key_expires(self):
        self.assertEqual(self.check(), "VALID")
        self.mock.advance("25h")
        self.assertEqual(self.check(), "EXPIRED")

    def test_a_lost_answer(self):
        self.sold_once_although_the_answer_got_lost(
            lambda: shop.sell_luaprot(ORDER, self.hub), "luaprot.addKey", "luaprot/keys"
        )


class KeycrateTest(VendorTest):
    def setUp(self):
        super().setUp()
        made = self.mock.seed(
            keycrate={
                "subscriptions": [{"name": "pro"}],
                "licenses": [{"key": "CRATE-1042", "subscription": "pro", "durationUnit": "days", "durationValue": 1}],
            }
        )
        self.subscription = made["keycrate"]["subscriptions"][0]["id"]

    def auth(self):
        """The program of the end user, over the vendor's own API."""
        request = urllib.request.Request(
            os.environ["KEYCRATE_BASE_URL"] + "/auth",
            method="POST",
            data=json.dumps(
                {"app_id": os.environ["KEYCRATE_APP_ID"], "license": "CRATE-1042", "hwid": "device-1"}
            ).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)["message"]
        except urllib.error.HTTPError as refusal:
            return json.load(refusal)["message"]

    def test_a_license_expires(self):
        self.assertTrue(self.auth().startswith("LICENSE_VERIFIED"), "its day begins")
        self.mock.advance("25h")
        self.assertEqual(self.auth(), "LICENSE_EXPIRED")

    def test_a_lost_answer(self):
        self.sold_once_although_the_answer_got_lost(
            lambda: shop.sell_keycrate(ORDER, self.subscription), "keycrate.createLicense", "keycrate/licenses"
        )
        tags = [tag for license in self.mock.objects("keycrate/licenses") for tag in license["tags"]]
        self.assertEqual(tags, [ORDER], "the tag tells that the order was served")


class KeygenTest(VendorTest):
    def setUp(self):
        super().setUp()
        made = self.mock.seed(
            keygen={
                "policies": [{"name": "pool", "usePool": True}],
                "keys": [{"key": "POOL-0001", "policy": "pool"}, {"key": "POOL-0002", "policy": "pool"}],
                "licenses": [{"name": "for a day", "expiry": "+24h"}],
            }
        )
        self.policy = made["keygen"]["policies"][0]["id"]
        self.day = made["keygen"]["licenses"][0]["id"]

    def license_status(self):
        answer = shop.ask(
            "GET",
            f"{os.environ['KEYGEN_BASE_URL']}/accounts/{os.environ['KEYGEN_ACCOUNT']}/licenses/{self.day}",
            Authorization="Bearer " + os.environ["KEYGEN_TOKEN"],
            Content_Type="application/vnd.api+json",
        )
        return answer["data"]["attributes"]["status"]

    def test_a_license_expires(self):
        self.assertNotEqual(self.license_status(), "EXPIRED")
        self.mock.advance("25h")
        self.assertEqual(self.license_status(), "EXPIRED")

    def test_a_lost_answer(self):
        self.sold_once_although_the_answer_got_lost(
            lambda: shop.sell_keygen(ORDER_ID, self.policy), "keygen.createLicense", "keygen/licenses"
        )
        with self.assertRaises(urllib.error.HTTPError) as again:
            shop.sell_keygen(ORDER_ID, self.policy)
        self.assertEqual(again.exception.code, 409, "under the same id a second try finds the first")
        self.assertEqual(len(self.mock.objects("keygen/keys")), 1, "one key of the pool is gone")


if __name__ == "__main__":
    unittest.main()
