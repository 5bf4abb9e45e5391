package conformance

var rowsOfLists = []keygenRow{
	{
		name:  "L1 list: the account is canceled",
		given: []rowFixture{rowCanceled}, as: "admin",
		ask:    "GET /keys",
		status: 403, want: rowRefused(rowInactive), early: true,
	},
	{
		name:  "L2 list: three keys",
		given: []rowFixture{rowKeys(3)}, as: "admin",
		ask:    "GET /keys",
		status: 200, want: rowList(2, 1, 0),
		counts: "-/-/1",
	},
	{
		name:  "L3 list: the second of four pages",
		given: []rowFixture{rowKeys(20)}, as: "admin",
		ask:    "GET /keys?page[number]=2&page[size]=5",
		status: 200, want: rowPage(`{
			"self":  "?page%5Bnumber%5D=2&page%5Bsize%5D=5",
			"prev":  "?page%5Bnumber%5D=1&page%5Bsize%5D=5",
			"next":  "?page%5Bnumber%5D=3&page%5Bsize%5D=5",
			"first": "?page%5Bnumber%5D=1&page%5Bsize%5D=5",
			"last":  "?page%5Bnumber%5D=4&page%5Bsize%5D=5",
			"meta":  {"pages": 4, "count": 20}
		}`, rowDown(14, 10)...),
		counts: "-/-/1",
	},
	{
		name:  "L4 list: a page of 250",
		given: []rowFixture{rowKeys(20)}, as: "admin",
		ask:    "GET /keys?page[number]=1&page[size]=250",
		status: 400, want: rowRefused(rowOutOfRange("page[size]", "page size", 250)),
		counts: "-/-/1",
	},
	{
		name:  "L5 list: a page of -250",
		given: []rowFixture{rowKeys(20)}, as: "admin",
		ask:    "GET /keys?page[number]=1&page[size]=-250",
		status: 400, want: rowRefused(rowOutOfRange("page[size]", "page size", -250)),
		counts: "-/-/1",
	},
	{
		name:  "L6 list: page -1",
		given: []rowFixture{rowKeys(20)}, as: "admin",
		ask:    "GET /keys?page[number]=-1&page[size]=10",
		status: 400, want: rowRefused(rowOutOfRange("page[number]", "page number", -1)),
		counts: "-/-/1",
	},
	{
		name:  "L7 list: from the start, by a cursor",
		given: []rowFixture{rowKeys(19)}, as: "admin",
		ask:    "GET /keys?page[size]=5&page[cursor]=",
		status: 200, want: rowPage(`{
			"self": "?page%5Bcursor%5D=&page%5Bsize%5D=5",
			"next": "?page%5Bcursor%5D=$keys[-5]&page%5Bsize%5D=5"
		}`, rowDown(18, 14)...),
	},
	{
		name:  "L8 list: after the fifth newest, by a cursor",
		given: []rowFixture{rowKeys(19)}, as: "admin",
		ask:    "GET /keys?page[size]=5&page[cursor]=$keys[-5]",
		status: 200, want: rowPage(`{
			"self": "?page%5Bcursor%5D=$keys[-5]&page%5Bsize%5D=5",
			"next": "?page%5Bcursor%5D=$keys[-10]&page%5Bsize%5D=5"
		}`, rowDown(13, 9)...),
	},
	{
		name:  "L9 list: the last page, by a cursor",
		given: []rowFixture{rowKeys(19)}, as: "admin",
		ask:    "GET /keys?page[size]=5&page[cursor]=$keys[-15]",
		status: 200, want: rowPage(`{"self": "?page%5Bcursor%5D=$keys[-15]&page%5Bsize%5D=5", "next": null}`, rowDown(3, 0)...),
	},
	{
		name:  "L10 list: ten of twenty keys, without being asked to",
		given: []rowFixture{rowKeys(20)}, as: "admin",
		ask:    "GET /keys",
		status: 200, want: rowList(rowDown(19, 10)...),
		counts: "-/-/1",
	},
	{
		name:  "L11 list: five of ten keys",
		given: []rowFixture{rowKeys(10)}, as: "admin",
		ask:    "GET /keys?limit=5",
		status: 200, want: rowList(rowDown(9, 5)...),
		counts: "-/-/1",
	},
	{
		name:  "L12 list: twenty keys",
		given: []rowFixture{rowKeys(20)}, as: "admin",
		ask:    "GET /keys?limit=20",
		status: 200, want: rowList(rowDown(19, 0)...),
		counts: "-/-/1",
	},
	{
		name:  "L13 list: a limit of 900",
		given: []rowFixture{rowKeys(2)}, as: "admin",
		ask:    "GET /keys?limit=900",
		status: 400, want: rowRefused(rowOutOfRange("limit", "limit", 900)),
		counts: "-/-/1",
	},
	{
		name:  "L14 list: a limit of -900",
		given: []rowFixture{rowKeys(2)}, as: "admin",
		ask:    "GET /keys?limit=-900",
		status: 400, want: rowRefused(rowOutOfRange("limit", "limit", -900)),
		counts: "-/-/1",
	},
	{
		name:  "L17 list: a product sees its own keys",
		given: []rowFixture{rowProduct, rowOwnPool(1), rowKeys(2)}, as: "product",
		ask:    "GET /keys",
		status: 200, want: rowList(0),
		counts: "-/-/1",
	},
	{
		name:  "L18 list: the admin of another account",
		given: []rowFixture{rowKeys(3)}, as: rowStranger,
		ask:    "GET /keys",
		status: 401, want: rowRefused(rowTokenInvalid),
		counts: "-/-/1",
	},
	{
		name:  "L19 list: a license",
		given: []rowFixture{rowLicense(""), rowKeys(3)}, as: "license",
		ask:    "GET /keys",
		status: 403, want: rowRefused(rowLacks("license")),
		counts: "-/-/1",
	},
	{
		name:  "L20 list: a user",
		given: []rowFixture{rowUser, rowKeys(3)}, as: "user",
		ask:    "GET /keys",
		status: 403, want: rowRefused(rowLacks("user")),
		counts: "-/-/1",
	},
}
