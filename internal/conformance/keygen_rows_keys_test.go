package conformance

const (
	rowText      = "ABCDEF-GHIJKL-MNOPQR-STUVWX-YZ" // 30 characters
	rowOtherText = "GHIJKL-MNOPQR-STUVWX-YZABCD-01"
)

// rowNewKeyBody asks for a key in the oldest policy.
func rowNewKeyBody(text string) string { return rowNewKeyBodyIn("$policies[0]", text) }

func rowNewKeyBodyIn(policy, text string) string {
	return `{"data": {
		"type": "keys",
		"attributes": {"key": "` + text + `"},
		"relationships": {"policy": {"data": {"type": "policies", "id": "` + policy + `"}}}
	}}`
}

var rowsOfCreation = []keygenRow{
	{
		name:   "C1 create: the account is canceled",
		proves: "account.inactive",
		given:  []rowFixture{rowCanceled}, as: "admin",
		ask:    "POST /keys",
		status: 403, want: rowRefused(rowInactive), early: true,
	},
	{
		name:   "C2 create: a key of 30 characters in a pooled policy",
		proves: "key.created header.location event.recorded",
		given:  []rowFixture{rowWebhooks(1), rowPool(0)}, as: "admin",
		ask: "POST /keys", body: rowNewKeyBody(rowText),
		status: 201, want: rowData(rowNewKey(rowText)),
		counts: "1/1/1", event: "key.created", effects: "key.created", left: map[string]int{"keys": 1},
	},
	{
		name:   "C3 create: the policy is not pooled",
		proves: "key.policy-not-supported",
		given:  []rowFixture{rowWebhooks(1), rowPolicy}, as: "admin",
		ask: "POST /keys", body: rowNewKeyBody(rowText),
		status: 422, want: rowRefused(rowBadPolicy("POLICY_NOT_SUPPORTED", "cannot be added to an unpooled policy")),
		counts: "0/0/1",
	},
	{
		name:   "C4 create: the id of a user for the policy",
		proves: "key.policy-not-found",
		given:  []rowFixture{rowWebhooks(1)}, as: "admin",
		ask: "POST /keys", body: rowNewKeyBodyIn("$users[0]", rowText),
		status: 422, want: rowRefused(rowBadPolicy("POLICY_NOT_FOUND", "must exist")),
		counts: "0/0/1",
	},
	{
		name:   "C5 create: a key that is in the pool already",
		proves: "key.taken",
		given:  []rowFixture{rowWebhooks(1), rowPool(0), rowKeyOf(rowText)}, as: "admin",
		ask: "POST /keys", body: rowNewKeyBody(rowText),
		status: 422, want: rowRefused(rowBadKey("KEY_TAKEN", "has already been taken")),
		counts: "0/0/1",
	},
	{
		name:   "C6 create: a key that a license has",
		proves: "key.conflict",
		given:  []rowFixture{rowWebhooks(1), rowPool(0), rowLicense(rowText)}, as: "admin",
		ask: "POST /keys", body: rowNewKeyBody(rowText),
		status: 422, want: rowRefused(rowBadKey("KEY_CONFLICT", "is already being used as a license's key")),
		counts: "0/0/1",
	},
	{
		name:   "C7 create: a key that is the id of a license",
		proves: "key.conflict",
		given:  []rowFixture{rowWebhooks(1), rowPool(0), rowLicense("")}, as: "admin",
		ask: "POST /keys", body: rowNewKeyBody("$licenses[0]"),
		status: 422, want: rowRefused(rowBadKey("KEY_CONFLICT", "must not conflict with another license's identifier (UUID)")),
		counts: "0/0/1",
	},
	{
		name:   "C8 create: a reserved word, too short besides",
		proves: "key.reserved key.length key.error-order",
		given:  []rowFixture{rowWebhooks(1), rowPool(0)}, as: "admin",
		ask: "POST /keys", body: rowNewKeyBody("actions"),
		status: 422, want: rowRefused(
			rowBadKey("KEY_NOT_ALLOWED", "is reserved"),
			rowBadKey("KEY_TOO_SHORT", "is too short (minimum is 8 characters)"),
		),
		counts: "0/0/1",
	},
	{
		name:   "C9 create: a key that a license of another account has",
		proves: "key.other-account",
		given:  []rowFixture{rowWebhooks(1), rowPool(0), rowElsewhere(rowLicense(rowText))}, as: "admin",
		ask: "POST /keys", body: rowNewKeyBody(rowText),
		status: 201, want: rowData(rowNewKey(rowText)),
		counts: "1/1/1", event: "key.created", effects: "key.created", left: map[string]int{"keys": 1},
	},
	{
		name:   "C10 create: a key that another account has",
		proves: "key.other-account",
		given:  []rowFixture{rowWebhooks(1), rowPool(0), rowElsewhere(rowPool(0)), rowElsewhere(rowKeyOf(rowText))}, as: "admin",
		ask: "POST /keys", body: rowNewKeyBody(rowText),
		status: 201, want: rowData(rowNewKey(rowText)),
		counts: "1/1/1", event: "key.created", effects: "key.created", left: map[string]int{"keys": 1},
	},
	{
		name:   "C11 create: no attributes",
		proves: "document.missing document.one-error",
		given:  []rowFixture{rowWebhooks(1), rowPool(0)}, as: "admin",
		ask:    "POST /keys",
		body:   `{"data": {"type": "keys", "relationships": {"policy": {"data": {"type": "policies", "id": "$policies[0]"}}}}}`,
		status: 400, want: rowRefused(rowMalformed("/data/attributes", "is missing")),
		counts: "0/0/1",
	},
	{
		name:   "C12 create: no relationships",
		proves: "document.missing document.one-error",
		given:  []rowFixture{rowWebhooks(1), rowPool(0)}, as: "admin",
		ask:    "POST /keys",
		body:   `{"data": {"type": "keys", "attributes": {"key": "` + rowText + `"}}}`,
		status: 400, want: rowRefused(rowMalformed("/data/relationships", "is missing")),
		counts: "0/0/1",
	},
	{
		name:   "C13 create: a user",
		proves: "role.permission",
		given:  []rowFixture{rowWebhooks(1), rowPool(0), rowUser}, as: "user",
		ask: "POST /keys", body: rowNewKeyBody(rowText),
		status: 403, want: rowRefused(rowLacks("user")),
		counts: "0/0/1",
	},
	{
		name:   "C14 create: nobody",
		proves: "auth.missing auth.challenge",
		given:  []rowFixture{rowWebhooks(1), rowPool(0)},
		ask:    "POST /keys", body: rowNewKeyBody(rowText),
		status: 401, want: rowRefused(rowTokenMissing),
		counts: "0/0/1",
	},
	{
		name:   "C15 create: the admin of another account",
		proves: "auth.account auth.challenge",
		given:  []rowFixture{rowWebhooks(1), rowPool(0)}, as: rowStranger,
		ask: "POST /keys", body: rowNewKeyBody(rowText),
		status: 401, want: rowRefused(rowTokenInvalid),
		counts: "0/0/1",
	},
}

var rowsOfDeletion = []keygenRow{
	{
		name:   "D1 delete: the account is canceled",
		proves: "account.inactive",
		given:  []rowFixture{rowKeys(3), rowCanceled}, as: "admin",
		ask:    "DELETE /keys/$keys[0]",
		status: 403, want: rowRefused(rowInactive), early: true,
	},
	{
		name:   "D2 delete: one of three keys",
		proves: "key.deleted event.recorded",
		given:  []rowFixture{rowWebhooks(1), rowKeys(3)}, as: "admin",
		ask:    "DELETE /keys/$keys[2]",
		status: 204,
		counts: "1/1/1", event: "key.deleted", effects: "key.deleted", left: map[string]int{"keys": 2},
	},
	{
		name:   "D5 delete: a product, its own key",
		proves: "key.deleted",
		given:  []rowFixture{rowWebhooks(1), rowProduct, rowOwnPool(3)}, as: "product",
		ask:    "DELETE /keys/$keys[0]",
		status: 204,
		counts: "1/1/1", event: "key.deleted", effects: "key.deleted", left: map[string]int{"keys": 2},
	},
	{
		name:   "D6 delete: a product, another product's key",
		proves: "scope.hidden error.not-found",
		given:  []rowFixture{rowWebhooks(1), rowProduct, rowKeys(3)}, as: "product",
		ask:    "DELETE /keys/$keys[0]",
		status: 404, want: rowRefused(rowNotFound("key", "$keys[0]")),
		counts: "0/0/1", left: map[string]int{"keys": 3},
	},
	{
		name:   "D7 delete: a license",
		proves: "scope.hidden",
		given:  []rowFixture{rowWebhooks(1), rowLicense(""), rowKeys(3)}, as: "license",
		ask:    "DELETE /keys/$keys[0]",
		status: 404, want: rowRefused(rowNotFound("key", "$keys[0]")),
		counts: "0/0/1", left: map[string]int{"keys": 3},
	},
	{
		name:   "D8 delete: a user",
		proves: "scope.hidden",
		given:  []rowFixture{rowWebhooks(1), rowUser, rowKeys(3)}, as: "user",
		ask:    "DELETE /keys/$keys[0]",
		status: 404, want: rowRefused(rowNotFound("key", "$keys[0]")),
		counts: "0/0/1", left: map[string]int{"keys": 3},
	},
	{
		name:   "D9 delete: nobody",
		proves: "auth.missing",
		given:  []rowFixture{rowWebhooks(1), rowKeys(3)},
		ask:    "DELETE /keys/$keys[0]",
		status: 401, want: rowRefused(rowTokenMissing),
		counts: "0/0/1", left: map[string]int{"keys": 3},
	},
	{
		name:   "D10 delete: the admin of another account",
		proves: "auth.account",
		given:  []rowFixture{rowWebhooks(1), rowKeys(3)}, as: rowStranger,
		ask:    "DELETE /keys/$keys[0]",
		status: 401, want: rowRefused(rowTokenInvalid),
		counts: "0/0/1", left: map[string]int{"keys": 3},
	},
}

var rowsOfKeys = []keygenRow{
	{
		name:   "S1 show: the account is canceled",
		proves: "account.inactive",
		given:  []rowFixture{rowKeys(3), rowCanceled}, as: "admin",
		ask:    "GET /keys/$keys[0]",
		status: 403, want: rowRefused(rowInactive), early: true,
	},
	{
		name:   "S2 show: a key",
		proves: "key.object links.account-id header.server header.identity signature.header signature.digest signature.date",
		given:  []rowFixture{rowKeys(3)}, as: "admin",
		ask:    "GET /keys/$keys[0]",
		status: 200, want: rowData(rowKey(0)),
		counts: "-/-/1",
	},
	{
		name:   "S3 show: what is no id",
		proves: "key.by-id error.not-found error.form",
		as:     "admin",
		ask:    "GET /keys/invalid", status: 404, want: rowRefused(rowNotFound("key", "invalid")),
		counts: "-/-/1",
	},
	{
		name:   "S4 show: an environment, of which this edition has none",
		proves: "environment.unsupported",
		given:  []rowFixture{rowKeys(1)}, as: "admin",
		ask: "GET /keys/$keys[0]", header: "Keygen-Environment: isolated",
		status: 400, want: rowRefused(rowEnvironment), early: true,
	},
	{
		name:   "S7 show: a product, its own key",
		proves: "key.object",
		given:  []rowFixture{rowProduct, rowOwnPool(1)}, as: "product",
		ask:    "GET /keys/$keys[0]",
		status: 200, want: rowData(rowKey(0)),
		counts: "-/-/1",
	},
	{
		name:   "S8 show: a product, another product's key",
		proves: "scope.hidden",
		given:  []rowFixture{rowProduct, rowKeys(1)}, as: "product",
		ask:    "GET /keys/$keys[0]",
		status: 404, want: rowRefused(rowNotFound("key", "$keys[0]")),
		counts: "-/-/1",
	},
	{
		name:   "S9 show: a license",
		proves: "scope.hidden",
		given:  []rowFixture{rowLicense(""), rowKeys(1)}, as: "license",
		ask:    "GET /keys/$keys[0]",
		status: 404, want: rowRefused(rowNotFound("key", "$keys[0]")),
		counts: "-/-/1",
	},
	{
		name:   "S10 show: a user",
		proves: "scope.hidden",
		given:  []rowFixture{rowUser, rowKeys(1)}, as: "user",
		ask:    "GET /keys/$keys[0]",
		status: 404, want: rowRefused(rowNotFound("key", "$keys[0]")),
		counts: "-/-/1",
	},
	{
		name:   "S11 show: the admin of another account",
		proves: "auth.account",
		given:  []rowFixture{rowKeys(3)}, as: rowStranger,
		ask:    "GET /keys/$keys[0]",
		status: 401, want: rowRefused(rowTokenInvalid),
		counts: "-/-/1",
	},
}

// rowRename asks for another text.
const rowRename = `{"data": {"type": "keys", "attributes": {"key": "` + rowText + `"}}}`

var rowsOfUpdates = []keygenRow{
	{
		name:   "U1 update: the account is canceled",
		proves: "account.inactive",
		given:  []rowFixture{rowKeys(1), rowCanceled}, as: "admin",
		ask:    "PATCH /keys/$keys[0]",
		status: 403, want: rowRefused(rowInactive), early: true,
	},
	{
		name:   "U2 update: another text, and the id in the document",
		proves: "event.recorded",
		given:  []rowFixture{rowWebhooks(1), rowKeys(1)}, as: "admin",
		ask:    "PATCH /keys/$keys[0]",
		body:   `{"data": {"type": "keys", "id": "$keys[0]", "attributes": {"key": "` + rowText + `"}}}`,
		status: 200, want: rowData(rowRenamed(rowText)),
		counts: "1/1/1", event: "key.updated", effects: "key.updated", left: map[string]int{"keys": 1},
	},
	{
		name:   "U3 update: another policy",
		proves: "document.unpermitted document.unpermitted-first document.one-error",
		given:  []rowFixture{rowWebhooks(1), rowKeys(1), rowPool(0)}, as: "admin",
		ask:    "PATCH /keys/$keys[0]",
		body:   `{"data": {"type": "keys", "relationships": {"policy": {"data": {"type": "policies", "id": "$policies[1]"}}}}}`,
		status: 400, want: rowRefused(rowMalformed("/data/relationships", "unpermitted parameter")),
		counts: "0/0/1",
	},
	{
		name:   "U4 update: a text that a license has",
		proves: "key.conflict",
		given:  []rowFixture{rowWebhooks(1), rowKeys(1), rowLicense(rowText)}, as: "admin",
		ask: "PATCH /keys/$keys[0]", body: rowRename,
		status: 422, want: rowRefused(rowBadKey("KEY_CONFLICT", "is already being used as a license's key")),
		counts: "0/0/1",
	},
	{
		name:   "U5 update: a text that a license of another account has",
		proves: "key.other-account",
		given:  []rowFixture{rowWebhooks(1), rowKeys(1), rowElsewhere(rowLicense(rowText))}, as: "admin",
		ask: "PATCH /keys/$keys[0]", body: rowRename,
		status: 200, want: rowData(rowRenamed(rowText)),
		counts: "1/1/1", event: "key.updated", effects: "key.updated", left: map[string]int{"keys": 1},
	},
	{
		name:   "U7 update: a product, its own key",
		proves: "event.recorded",
		given:  []rowFixture{rowWebhooks(1), rowProduct, rowOwnPool(1)}, as: "product",
		ask: "PATCH /keys/$keys[0]", body: rowRename,
		status: 200, want: rowData(rowRenamed(rowText)),
		counts: "1/1/1", event: "key.updated", effects: "key.updated", left: map[string]int{"keys": 1},
	},
	{
		name:   "U8 update: a product, another product's key",
		proves: "scope.hidden",
		given:  []rowFixture{rowWebhooks(1), rowProduct, rowKeys(1)}, as: "product",
		ask: "PATCH /keys/$keys[0]", body: rowRename,
		status: 404, want: rowRefused(rowNotFound("key", "$keys[0]")),
		counts: "0/0/1",
	},
	{
		name:   "U9 update: a license",
		proves: "scope.hidden",
		given:  []rowFixture{rowWebhooks(1), rowLicense(""), rowKeys(1)}, as: "license",
		ask: "PATCH /keys/$keys[0]", body: rowRename,
		status: 404, want: rowRefused(rowNotFound("key", "$keys[0]")),
		counts: "0/0/1",
	},
	{
		name:   "U10 update: a user",
		proves: "scope.hidden",
		given:  []rowFixture{rowWebhooks(1), rowUser, rowKeys(1)}, as: "user",
		ask: "PATCH /keys/$keys[0]", body: rowRename,
		status: 404, want: rowRefused(rowNotFound("key", "$keys[0]")),
		counts: "0/0/1",
	},
	{
		name:   "U11 update: nobody",
		proves: "auth.missing",
		given:  []rowFixture{rowWebhooks(1), rowKeys(1)},
		ask:    "PATCH /keys/$keys[0]", body: rowRename,
		status: 401, want: rowRefused(rowTokenMissing),
		counts: "0/0/1",
	},
	{
		name:   "U12 update: the admin of another account",
		proves: "auth.account",
		given:  []rowFixture{rowWebhooks(1), rowKeys(1)}, as: rowStranger,
		ask: "PATCH /keys/$keys[0]", body: rowRename,
		status: 401, want: rowRefused(rowTokenInvalid),
		counts: "0/0/1",
	},
}

// rowsOfRelations are the same questions about the policy of a key and about its
// product.
var rowsOfRelations = append(
	rowsOfRelation("P", "policy", rowPolicyOfKey),
	rowsOfRelation("R", "product", rowProductOfKey)...,
)

func rowsOfRelation(letter, relation string, object rowObject) []keygenRow {
	ask := "GET /keys/$keys[0]/" + relation
	return []keygenRow{
		{
			name:   letter + "1 " + relation + " of a key: the account is canceled",
			proves: "account.inactive",
			given:  []rowFixture{rowKeys(1), rowCanceled}, as: "admin",
			ask: ask, status: 403, want: rowRefused(rowInactive), early: true,
		},
		{
			name:   letter + "2 " + relation + " of a key",
			proves: "key.policy",
			given:  []rowFixture{rowProduct, rowOwnPool(3)}, as: "admin",
			ask: ask, status: 200, want: rowData(object),
			counts: "-/-/1",
		},
		{
			name:   letter + "4 " + relation + " of a key: a product, its own key",
			proves: "key.policy",
			given:  []rowFixture{rowProduct, rowOwnPool(1)}, as: "product",
			ask: ask, status: 200, want: rowData(object),
			counts: "-/-/1",
		},
		{
			name:   letter + "5 " + relation + " of a key: a product, another product's key",
			proves: "scope.hidden key.policy",
			given:  []rowFixture{rowProduct, rowKeys(1)}, as: "product",
			ask: ask, status: 404, want: rowRefused(rowNotFound("key", "$keys[0]")),
			counts: "-/-/1",
		},
		{
			name:   letter + "6 " + relation + " of a key: a license",
			proves: "scope.hidden",
			given:  []rowFixture{rowLicense(""), rowKeys(1)}, as: "license",
			ask: ask, status: 404, want: rowRefused(rowNotFound("key", "$keys[0]")),
			counts: "-/-/1",
		},
		{
			name:   letter + "7 " + relation + " of a key: a user",
			proves: "scope.hidden",
			given:  []rowFixture{rowUser, rowKeys(1)}, as: "user",
			ask: ask, status: 404, want: rowRefused(rowNotFound("key", "$keys[0]")),
			counts: "-/-/1",
		},
		{
			name:   letter + "8 " + relation + " of a key: the admin of another account",
			proves: "auth.account",
			given:  []rowFixture{rowKeys(1)}, as: rowStranger,
			ask: ask, status: 401, want: rowRefused(rowTokenInvalid),
			counts: "-/-/1",
		},
	}
}
