// Tests of the shop against the mock server: time and lost answers, at all four vendors.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { Mock } from "./mock.mjs";
import * as shop from "./shop.mjs";

const env = process.env;
const order = "order 1042";
const orderId = "7d2e4e9a-3f0b-4c57-9a41-1d6f3a5b0c42"; // Keygen takes ids of the shop's own
const mock = new Mock();

beforeEach(() => mock.reset());
afterEach(async () => assert.deepEqual(await mock.findings(), [], "the program sent something in vain"));

/** The vendor does the work, the shop is not told, and there is one object all the same. */
async function soldOnceAlthoughTheAnswerGotLost(sell, op, collection) {
  const before = (await mock.objects(collection)).length;
  await mock.loseOneAnswer(op);
  await assert.rejects(sell, shop.Unknown);
  assert.equal((await mock.objects(collection)).length - before, 1);
}

describe("Junkie", () => {
  let provider;
  beforeEach(async () => {
    const made = await mock.seed({
      junkie: {
        providers: [{ name: "shop" }],
        keys: [{ value: "SHOP-1042", provider: "shop", validity: "1d" }],
      },
    });
    provider = made.junkie.providers[0].id;
  });
  const verify = async () => (await mock.call("POST", "/junkie/verify", { key: "SHOP-1042", hwid: "device-1" })).code;

  test("a key expires", async () => {
    assert.equal(await verify(), "KEY_VALID");
    await mock.advance("25h");
    assert.equal(await verify(), "KEY_EXPIRED");
  });

  test("a lost answer", async () => {
    await soldOnceAlthoughTheAnswerGotLost(() => shop.sellJunkie(order, provider), "junkie.createKey", "junkie/keys");
    const served = (await mock.objects("junkie/keys")).filter((key) => key.name === order);
    assert.equal(served.length, 1, "the name tells that the order was served");
  });
});

describe("LuaProt", () => {
  let hub;
  beforeEach(async () => {
    const made = await mock.seed({
      luaprot: {
        hubs: [{ name: "main" }],
        scripts: [{ name: "loader", hub: "main" }],
        keys: [{ key: "lua-1042", hub: "main", expire: "+24h" }],
      },
    });
    hub = made.luaprot.hubs[0].id;
  });
  const check = async () =>
    (await mock.call("POST", "/luaprot/check", { script: "loader", key: "lua-1042", hwid: "device-1" })).status;

  test("a key expires", async () => {
    assert.equal(await check(), "VALID");
    await mock.advance("25h");
    assert.equal(await check(), "EXPIRED");
  });

  test("a lost answer", () =>
    soldOnceAlthoughTheAnswerGotLost(() => shop.sellLuaProt(order, hub), "luaprot.addKey", "luaprot/keys"));
});

describe("Keycrate", () => {
  let subscription;
  beforeEach(async () => {
    const made = await mock.seed({
      keycrate: {
        subscriptions: [{ name: "pro" }],
        licenses: [{ key: "CRATE-1042", subscription: "pro", durationUnit: "days", durationValue: 1 }],
      },
    });
    subscription = made.keycrate.subscriptions[0].id;
  });
  /** The program of the end user, over the vendor's own API. */
  async function auth() {
    const answer = await fetch(env.KEYCRATE_BASE_URL + "/auth", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ app_id: env.KEYCRATE_APP_ID, license: "CRATE-1042", hwid: "device-1" }),
    });
    return (await answer.json()).message;
  }

  test("a license expires", async () => {
    assert.match(await auth(), /^LICENSE_VERIFIED/, "its day begins");
    await mock.advance("25h");
    assert.equal(await auth(), "LICENSE_EXPIRED");
  });

  test("a lost answer", async () => {
    await soldOnceAlthoughTheAnswerGotLost(
      () => shop.sellKeycrate(order, subscription),
      "keycrate.createLicense",
      "keycrate/licenses",
    );
    const tags = (await mock.objects("keycrate/licenses")).flatMap((license) => license.tags);
    assert.deepEqual(tags, [order], "the tag tells that the order was served");
  });
});

describe("Keygen", () => {
  let policy, day;
  beforeEach(async () => {
    const made = await mock.seed({
      keygen: {
        policies: [{ name: "pool", usePool: true }],
        keys: [{ key: "POOL-0001", policy: "pool" }, { key: "POOL-0002", policy: "pool" }],
        licenses: [{ name: "for a day", expiry: "+24h" }],
      },
    });
    policy = made.keygen.policies[0].id;
    day = made.keygen.licenses[0].id;
  });
  const status = async () =>
    (
      await shop.ask("GET", `${env.KEYGEN_BASE_URL}/accounts/${env.KEYGEN_ACCOUNT}/licenses/${day}`, undefined, {
        Authorization: "Bearer " + env.KEYGEN_TOKEN,
        "Content-Type": "application/vnd.api+json",
      })
    ).data.attributes.status;

  test("a license expires", async () => {
    assert.notEqual(await status(), "EXPIRED");
    await mock.advance("25h");
    assert.equal(await status(), "EXPIRED");
  });

  test("a lost answer", async () => {
    await soldOnceAlthoughTheAnswerGotLost(() => shop.sellKeygen(orderId, policy), "keygen.createLicense", "keygen/licenses");
    await assert.rejects(
      () => shop.sellKeygen(orderId, policy),
      (refused) => refused.status === 409, // under the same id a second try finds the first
    );
    assert.equal((await mock.objects("keygen/keys")).length, 1, "one key of the pool is gone");
  });
});
