package conformance

const rowPoolPath = "/policies/$policies[0]/pool"

var rowsOfPools = []keygenRow{
	{
		name:   "Q1 pool: the account is canceled",
		proves: "account.inactive",
		given:  []rowFixture{rowPool(5), rowCanceled}, as: "admin",
		ask:    "GET " + rowPoolPath,
		status: 403, want: rowRefused(rowInactive), early: true,
	},
	{
		name:   "Q2 pool: its five keys",
		proves: "pool.list list.order",
		given:  []rowFixture{rowPool(5), rowKeys(1)}, as: "admin",
		ask:    "GET " + rowPoolPath,
		status: 200, want: rowList(4, 3, 2, 1, 0),
	},
	{
		name:   "Q3 pool: its first key",
		proves: "pool.key",
		given:  []rowFixture{rowPool(5)}, as: "admin",
		ask:    "GET " + rowPoolPath + "/$keys[0]",
		status: 200, want: rowData(rowKey(0)),
	},
	{
		name:   "Q4 pool: a policy without one",
		proves: "pool.list",
		given:  []rowFixture{rowPolicy, rowKeys(1)}, as: "admin",
		ask:    "GET " + rowPoolPath,
		status: 200, want: rowList(),
	},
	{
		name:   "Q5 pool: a key of another policy, in a policy without a pool",
		proves: "pool.key",
		given:  []rowFixture{rowPolicy, rowKeys(1)}, as: "admin",
		ask:    "GET " + rowPoolPath + "/$keys[0]",
		status: 404, want: rowRefused(rowNotFound("key", "$keys[0]")),
	},
	{
		name:   "Q9 pool: a product, one of its own two pools",
		proves: "pool.list",
		given:  []rowFixture{rowProduct, rowOwnPool(5), rowOwnPool(5)}, as: "product",
		ask:    "GET " + rowPoolPath,
		status: 200, want: rowWholePool,
	},
	{
		name:   "Q10 pool: a product, another product's policy",
		proves: "scope.hidden",
		given:  []rowFixture{rowProduct, rowPool(5)}, as: "product",
		ask:    "GET " + rowPoolPath,
		status: 404, want: rowRefused(rowNotFound("policy", "$policies[0]")),
	},
	{
		name:   "Q11 pool: a license of another policy",
		proves: "scope.hidden",
		given:  []rowFixture{rowPool(5), rowLicense("")}, as: "license",
		ask:    "GET " + rowPoolPath,
		status: 404, want: rowRefused(rowNotFound("policy", "$policies[0]")),
	},
	{
		name:   "Q12 pool: a user",
		proves: "scope.hidden",
		given:  []rowFixture{rowPool(5), rowUser}, as: "user",
		ask:    "GET " + rowPoolPath,
		status: 404, want: rowRefused(rowNotFound("policy", "$policies[0]")),
	},
	{
		name:   "Q13 pool: the admin of another account",
		proves: "auth.account",
		given:  []rowFixture{rowPool(5)}, as: rowStranger,
		ask:    "GET " + rowPoolPath,
		status: 401, want: rowRefused(rowTokenInvalid),
	},
}

var rowsOfPops = []keygenRow{
	{
		name:   "Q14 pop: the only key, and two endpoints are told",
		proves: "pool.pop event.recorded",
		given:  []rowFixture{rowWebhooks(2), rowPool(1), rowKeys(1)}, as: "admin",
		ask:    "DELETE " + rowPoolPath,
		status: 200, want: rowData(rowKey(0)),
		counts: "2/1/1", event: "policy.pool.popped", effects: "key.popped", left: map[string]int{"keys": 1},
	},
	{
		name:   "Q15 pop: an empty pool",
		proves: "pool.empty",
		given:  []rowFixture{rowWebhooks(1), rowPool(0), rowKeys(1)}, as: "admin",
		ask:    "DELETE " + rowPoolPath,
		status: 422, want: rowRefused(rowNoPop("pool is empty")),
		counts: "0/0/1",
	},
	{
		name:   "Q16 pop: a policy that has keys and no pool",
		proves: "pool.unpooled",
		given:  []rowFixture{rowWebhooks(1), rowKeysOf(rowUsualPolicy(false), 5)}, as: "admin",
		ask:    "DELETE " + rowPoolPath,
		status: 422, want: rowRefused(rowNoPop("pool is not supported")),
		counts: "0/0/1", left: map[string]int{"keys": 5},
	},
	{
		name:   "Q21 pop: a product, its own pool",
		proves: "pool.pop pool.newest-first",
		given:  []rowFixture{rowProduct, rowOwnPool(2)}, as: "product",
		ask:    "DELETE " + rowPoolPath,
		status: 200, want: rowData(rowKey(1)), // the newest
		counts: "-/1/1", event: "policy.pool.popped", effects: "key.popped", left: map[string]int{"keys": 1},
	},
	{
		name:   "Q22 pop: a product, another product's policy",
		proves: "scope.hidden",
		given:  []rowFixture{rowProduct, rowPool(2)}, as: "product",
		ask:    "DELETE " + rowPoolPath,
		status: 404, want: rowRefused(rowNotFound("policy", "$policies[0]")),
	},
	{
		name:   "Q23 pop: a license of that policy",
		proves: "pool.customers role.permission",
		given:  []rowFixture{rowPool(2), rowLicenseOf(false)}, as: "license",
		ask:    "DELETE " + rowPoolPath,
		status: 403, want: rowRefused(rowLacks("license")),
	},
	{
		name:   "Q24 pop: a user with a license of that policy",
		proves: "pool.customers role.permission",
		given:  []rowFixture{rowPool(2), rowUser, rowLicenseOf(true)}, as: "user",
		ask:    "DELETE " + rowPoolPath,
		status: 403, want: rowRefused(rowLacks("user")),
	},
	{
		name:   "Q25 pop: the admin of another account",
		proves: "auth.account",
		given:  []rowFixture{rowPool(2)}, as: rowStranger,
		ask:    "DELETE " + rowPoolPath,
		status: 401, want: rowRefused(rowTokenInvalid),
	},
}

const rowNewLicenseBody = `{"data": {"type": "licenses", "relationships": {"policy": {"data": {"type": "policies", "id": "$policies[0]"}}}}}`

// rowsOfLicenses are about licenses whose key comes from a pool.
var rowsOfLicenses = []keygenRow{
	{
		name:   "license 1: from a pool of four keys",
		proves: "license.created license.drawn license.expiry pool.newest-first header.location event.recorded",
		given:  []rowFixture{rowWebhooks(1), rowPool(4)}, as: "admin",
		ask: "POST /licenses", body: rowNewLicenseBody,
		status: 201, want: rowData(rowNewLicense),
		counts: "1/1/1", event: "license.created", effects: "key.drawn license.created", left: map[string]int{"keys": 3, "licenses": 1},
	},
	{
		name:   "license 2: from an empty pool",
		proves: "license.pool-empty",
		given:  []rowFixture{rowWebhooks(1), rowPool(0), rowKeys(1)}, as: "admin",
		ask: "POST /licenses", body: rowNewLicenseBody,
		status: 422, want: rowRefused(rowPoolEmpty),
		counts: "0/0/1", left: map[string]int{"keys": 1, "licenses": 0},
	},
}
