package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	policyA = "95981290-518b-4109-a611-c0001214b3c5"
	policyB = "6e936a61-94ad-44d1-88ac-88da9f10eca7"
)

func TestOrdersAreRead(t *testing.T) {
	t.Parallel()
	orders, err := ReadOrders("orders.csv", strings.NewReader("\xef\xbb\xbfkey,order_id,days,policy\r\n"+
		",1041,,"+strings.ToUpper(policyA)+"\r\n"+
		"\"OLD,KEY-1\",1042,30,"+policyB+"\r\n"))
	require.NoError(t, err)
	assert.Equal(t, []Order{
		{Line: 2, ID: "1041", PolicyID: policyA},
		{Line: 3, ID: "1042", PolicyID: policyB, Validity: 30 * 24 * time.Hour, Key: "OLD,KEY-1"},
	}, orders)

	orders, err = ReadOrders("orders.csv", strings.NewReader("order_id,policy\n1041,"+policyA))
	require.NoError(t, err, "the last line may lack its end, and columns that are not needed may be missing")
	assert.Len(t, orders, 1)

	_, shown, found := strings.Cut(contentOf(t, "README.md"), "```csv\n")
	require.True(t, found)
	shown, _, _ = strings.Cut(shown, "```")
	orders, err = ReadOrders("README.md", strings.NewReader(shown))
	require.NoError(t, err, "the README shows orders that can be read")
	assert.Len(t, orders, 3)
}

func TestOrdersAreRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("1", longestID+1)
	for content, complaints := range map[string][]string{
		"":                           {"o.csv is empty: its first line has to name"},
		"order_id,policy\n":          {"o.csv has no orders below its first line"},
		"order_id;policy\n1;2":       {`o.csv:1:1: "order_id;policy" is no column: there are order_id, policy, days, key, with commas between them`, "the column order_id is missing", "the column policy is missing"},
		"order_id,policy,day":        {`o.csv:1:17: "day" is no column`},
		"order_id,policy,order_id\n": {"o.csv:1:17: the column order_id is there twice"},
		"order_id,policy,days,key\n" +
			"1," + policyA + ",30\n" + // line 2
			"," + policyA + ",0,\n" +
			" 2," + policyA + ",1.5,SHORT\n" +
			"3,shop,36501,\"SEVEN\n\"\n" + // lines 5 and 6
			"4," + policyA + ",,\n" +
			"4," + policyA + ",,OLD-KEY-1\n" +
			"5," + policyA + ",,OLD-KEY-1\n" +
			long + "," + policyA + ",-1,\n" +
			"6," + policyA + ",thirty,\"TWO\nLINES\"\n": {
			"o.csv:2:1: 3 fields, where the first line names 4",
			"o.csv:3:1: order_id is empty",
			`o.csv:3:39: days: "0" is no whole number from 1 to 36500`,
			`o.csv:4:1: order_id: " 2" has blanks around it`,
			`o.csv:4:41: days: "1.5" is no whole number`,
			"o.csv:4:45: key has 5 characters, and may have 6 to 16384",
			`o.csv:5:3: policy: "shop" is no id of a policy`,
			`o.csv:5:8: days: "36501" is no whole number`,
			"o.csv:5:14: key has something in it that cannot be read",
			"o.csv:8:1: order_id is the same as in line 7",
			"o.csv:9:41: key is the same as in line 8",
			"o.csv:10:1: order_id has more than 100 characters",
			`o.csv:10:140: days: "-1" is no whole number`,
			`o.csv:11:40: days: "thirty" is no whole number`,
			"o.csv:11:47: key has something in it",
		},
		"order_id,policy\n1,x\n2,\"y\n": {
			`o.csv:2:3: policy: "x" is no id`,
			`o.csv:3:6: extraneous or missing " in quoted-field`,
		},
	} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			orders, err := ReadOrders("o.csv", strings.NewReader(content))
			require.Error(t, err)
			assert.Empty(t, orders)
			told := strings.Split(err.Error(), "\n")
			require.Len(t, told, len(complaints), err)
			for n, complaint := range complaints {
				assert.Contains(t, told[n], complaint)
			}
			assert.NotContains(t, err.Error(), "OLD-KEY-1", "keys are not for everyone who reads this")
		})
	}
}

// The id of a license never changes, or orders would get a second one.
func TestLicenseID(t *testing.T) {
	t.Parallel()
	account := "c8f1e2d4-0000-4000-8000-000000000000"
	// By another program: printf '%s order 1042' c8f1e2d4-0000-4000-8000-000000000000 | sha256sum, but for version and variant
	assert.Equal(t, "fa8068a7-d35d-84ef-9a91-7c6b0b5bdd1c", Order{ID: "1042", PolicyID: policyA, Key: "any"}.LicenseID(account))
	assert.NotEqual(t, Order{ID: "1042"}.LicenseID(account), Order{ID: "1043"}.LicenseID(account))
	assert.NotEqual(t, Order{ID: "1042"}.LicenseID(account), Order{ID: "1042"}.LicenseID(policyB))
	assert.Regexp(t, uuid, Order{ID: "1042"}.LicenseID(account))
}
