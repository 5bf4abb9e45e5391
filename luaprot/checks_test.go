package luaprot

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

const noDiscordID = "not a Discord user id, which has 17 to 20 digits and nothing else"

// checkCases has one case for every bound, and both sides of each. keys_test.go
// calls the methods with refused ones too, to see that nothing is sent.
var checkCases = []struct {
	name  string
	found faults
	want  []FieldError
}{
	// Lists.
	{"list of everything", list(ListKeysParams{}), nil},
	{"list with every condition", list(ListKeysParams{Page: 1, HubID: "a", DiscordID: testUser, Value: "b", HWID: "c",
		Blacklisted: Set(false), Expired: Set(true), Unassigned: Set(false), Active: Set(true)}), nil},
	{"list with every fault", list(ListKeysParams{Page: -1, HubID: "\xff", DiscordID: "me", Value: "x", HWID: "\xff",
		Blacklisted: Null[bool](), Expired: Null[bool](), Unassigned: Null[bool](), Active: Null[bool]()}), []FieldError{
		{"Page", "-1 is no page: pages start at 1, and 0 means the first"},
		{"HubID", "not valid UTF-8"},
		{"DiscordID", noDiscordID},
		{"Value", `the key value "x" is reserved: it stands for "no key" at the vendor`},
		{"HWID", "not valid UTF-8"},
		{"Blacklisted", "Null cannot be sent here: use Set, or leave the field out"},
		{"Expired", "Null cannot be sent here: use Set, or leave the field out"},
		{"Unassigned", "Null cannot be sent here: use Set, or leave the field out"},
		{"Active", "Null cannot be sent here: use Set, or leave the field out"},
	}},

	// New keys.
	{"smallest key", add(AddKeyParams{}), nil},
	{"key for an hour", add(AddKeyParams{ExpiresIn: time.Hour}), nil},
	{"key for an hour and a second", add(AddKeyParams{ExpiresIn: time.Hour + time.Second}), nil},
	{"key for as long as can be", add(AddKeyParams{ExpiresIn: math.MaxInt64 / time.Second * time.Second}), nil},
	{"key for 3599 seconds", add(AddKeyParams{ExpiresIn: 3599 * time.Second}), refused("ExpiresIn", "59m59s is less than 1h0m0s, the shortest the vendor accepts")},
	{"key for a nanosecond more", add(AddKeyParams{ExpiresIn: time.Hour + 1}),
		refused("ExpiresIn", "1h0m0.000000001s is not a whole number of seconds, which the vendor counts in: round it")},
	{"key for less than nothing", add(AddKeyParams{ExpiresIn: -time.Hour}), refused("ExpiresIn", "-1h0m0s is negative")},
	{"key for a user of 17 digits", add(AddKeyParams{DiscordID: strings.Repeat("1", 17)}), nil},
	{"key for a user of 20 digits", add(AddKeyParams{DiscordID: strings.Repeat("1", 20)}), nil},
	{"key for a user of 16 digits", add(AddKeyParams{DiscordID: strings.Repeat("1", 16)}), refused("DiscordID", noDiscordID)},
	{"key for a user of 21 digits", add(AddKeyParams{DiscordID: strings.Repeat("1", 21)}), refused("DiscordID", noDiscordID)},
	{"key with a long note", add(AddKeyParams{Note: strings.Repeat("ü", 10_000)}), nil},
	{"key with every fault", add(AddKeyParams{DiscordID: "me", ExpiresIn: 1, Note: "\xff", LimitedScripts: []string{"a", "", "\xff"}}), []FieldError{
		{"DiscordID", noDiscordID},
		{"ExpiresIn", "1ns is not a whole number of seconds, which the vendor counts in: round it"},
		{"Note", "not valid UTF-8"},
		{"LimitedScripts[1]", "an empty id names no script: leave it out"},
		{"LimitedScripts[2]", "not valid UTF-8"},
	}},

	{"5 keys", generate(GenerateKeysParams{Amount: 5}), nil},
	{"300 keys", generate(GenerateKeysParams{Amount: 300}), nil},
	{"4 keys", generate(GenerateKeysParams{Amount: 4}), refused("Amount", "4 is outside 5 to 300")},
	{"301 keys", generate(GenerateKeysParams{Amount: 301}), refused("Amount", "301 is outside 5 to 300")},
	{"keys with every fault", generate(GenerateKeysParams{ExpiresIn: time.Minute, Note: "\xff", LimitedScripts: []string{""}}), []FieldError{
		{"Amount", "0 is outside 5 to 300"},
		{"ExpiresIn", "1m0s is less than 1h0m0s, the shortest the vendor accepts"},
		{"Note", "not valid UTF-8"},
		{"LimitedScripts[0]", "an empty id names no script: leave it out"},
	}},

	// Updates.
	{"update of nothing", update(UpdateKeyParams{}), nil},
	{"update of everything", update(UpdateKeyParams{DiscordID: Set(testUser), ExpiresIn: Set(time.Hour), Note: Set(""), Blacklisted: Set(false),
		BlacklistReason: Set(""), LimitedScripts: Set([]string{})}), nil},
	{"update that empties everything", update(UpdateKeyParams{DiscordID: Null[string](), ExpiresIn: Null[time.Duration](), Note: Null[string](),
		BlacklistReason: Null[string]()}), nil},
	{"update with every fault", update(UpdateKeyParams{DiscordID: Set(""), ExpiresIn: Set(time.Duration(0)), Note: Set("\xff"), Blacklisted: Null[bool](),
		BlacklistReason: Set("\xff"), LimitedScripts: Set([]string{""})}), []FieldError{
		{"DiscordID", noDiscordID},
		{"ExpiresIn", "0 is no span: use Null for a key that never expires, or leave the field out"},
		{"Note", "not valid UTF-8"},
		{"Blacklisted", "Null cannot be sent here: use Set, or leave the field out"},
		{"BlacklistReason", "not valid UTF-8"},
		{"LimitedScripts[0]", "an empty id names no script: leave it out"},
	}},
	{"update to 3599 seconds", update(UpdateKeyParams{ExpiresIn: Set(3599 * time.Second)}),
		refused("ExpiresIn", "59m59s is less than 1h0m0s, the shortest the vendor accepts")},
	{"update to less than nothing", update(UpdateKeyParams{ExpiresIn: Set(-time.Second)}), refused("ExpiresIn", "-1s is negative")},

	// Bulk deletes.
	{"1 key", checkBulk([]string{testValue}), nil},
	{"5000 keys", checkBulk(strings.Split(strings.Repeat("k,", 4999)+"k", ",")), nil},
	{"no keys", checkBulk([]string{}), refused("keys", "no keys: at least one is required")},
	{"bad keys", checkBulk([]string{"a", "", "x", "\xff"}), []FieldError{
		{"keys[1]", "an empty key value names no key"},
		{"keys[2]", `the key value "x" is reserved: it stands for "no key" at the vendor`},
		{"keys[3]", "the key value is not valid UTF-8"},
	}},

	// Hubs.
	{"a hub", hub(testHub), nil},
	{"a hub of another form", hub("a/b c"), nil},
	{"no hub", hub(""), refused("hub", "an empty id names no hub: the vendor's dashboard shows the ids")},
	{"this folder", hub("."), refused("hub", `"." names no hub: the vendor's dashboard shows the ids`)},
	{"the folder above", hub(".."), refused("hub", `".." names no hub: the vendor's dashboard shows the ids`)},
	{"a hub of bytes", hub("\xff"), refused("hub", "not valid UTF-8")},
}

func TestChecks(t *testing.T) {
	t.Parallel()
	for _, test := range checkCases {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, fieldErrors(test.found.Faults))
		})
	}
}

func TestCheckTextsHideKeysAndDevices(t *testing.T) {
	t.Parallel()
	const secret = "hidden-"
	for _, found := range []faults{
		list(ListKeysParams{DiscordID: secret, Value: secret + "\xff", HWID: secret + "\xff"}),
		add(AddKeyParams{DiscordID: secret}),
		update(UpdateKeyParams{DiscordID: Set(secret)}),
		checkBulk([]string{secret + "\xff"}),
	} {
		assert.NotEmpty(t, found.Faults)
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", found, found, found), secret)
	}
}

func list(p ListKeysParams) faults         { return p.check() }
func add(p AddKeyParams) faults            { return p.check() }
func generate(p GenerateKeysParams) faults { return p.check() }
func update(p UpdateKeyParams) faults      { return p.check() }

func hub(id string) (found faults) {
	found.hub(id)
	return found
}

func refused(field, message string) []FieldError { return []FieldError{{field, message}} }
