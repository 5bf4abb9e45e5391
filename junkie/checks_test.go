package junkie

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// checkCases has one case for every bound, and both sides of each. keys_test.go
// calls the methods with the refused ones too, to see that nothing is sent.
var checkCases = []struct {
	name  string
	found faults
	want  []FieldError
}{
	// Lists.
	{"list of everything", list(ListKeysParams{}), nil},
	{"list with every condition", list(ListKeysParams{Page: 1, Limit: 1, ValueContains: "a", HWIDContains: "b", DiscordID: "c",
		ServiceID: 1, ProviderID: 1, FolderID: 1, Status: StatusUsed, ExpiresBefore: t0, ExpiresAfter: t0}), nil},
	{"limit 100", list(ListKeysParams{Limit: 100}), nil},
	{"limit 101", list(ListKeysParams{Limit: 101}), refused("Limit", "101 is outside 1 to 100")},
	{"limit -1", list(ListKeysParams{Limit: -1}), refused("Limit", "-1 is outside 1 to 100")},
	{"page -1", list(ListKeysParams{Page: -1}), refused("Page", "-1 is no page: pages start at 1, and 0 means the first")},
	{"list by a negative service", list(ListKeysParams{ServiceID: -1}), refused("ServiceID", "-1 is no id: ids start at 1, and 0 means that it is not set")},
	{"list by a negative provider", list(ListKeysParams{ProviderID: -1}), refused("ProviderID", "-1 is no id: ids start at 1, and 0 means that it is not set")},
	{"list by a negative folder", list(ListKeysParams{FolderID: -1}), refused("FolderID", "-1 is no id: ids start at 1, and 0 means that it is not set")},
	{"list by bytes", list(ListKeysParams{ValueContains: "\xff", HWIDContains: "\xff", DiscordID: "\xff"}),
		append(append(refused("ValueContains", "not valid UTF-8"), refused("HWIDContains", "not valid UTF-8")...), refused("DiscordID", "not valid UTF-8")...)},
	{"list by a misspelt status", list(ListKeysParams{Status: "Active"}), refused("Status", `"Active" is none of active, used, expired and invalidated`)},
	{"list by a far date", list(ListKeysParams{ExpiresBefore: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}),
		refused("ExpiresBefore", "a time in the year 10000 cannot be meant: times from 1970 to 9999 are sent")},
	{"list by a date before Christ", list(ListKeysParams{ExpiresAfter: time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)}),
		refused("ExpiresAfter", "a time in the year 0 cannot be meant: times from 1970 to 9999 are sent")},

	// Creation.
	{"smallest key", create(nil), nil},
	{"key without provider", create(func(p *CreateKeyParams) { p.ProviderID = 0 }), refused("ProviderID", "0 is no id: one of at least 1 is required")},
	{"key of a negative provider", create(func(p *CreateKeyParams) { p.ProviderID = -4 }), refused("ProviderID", "-4 is no id: one of at least 1 is required")},
	{"key of a negative service", create(func(p *CreateKeyParams) { p.ServiceID = -4 }), refused("ServiceID", "-4 is no id: ids start at 1, and 0 means that it is not set")},
	{"key in a negative folder", create(func(p *CreateKeyParams) { p.FolderID = -4 }), refused("FolderID", "-4 is no id: ids start at 1, and 0 means that it is not set")},
	{"name of 255 characters", create(func(p *CreateKeyParams) { p.Name = strings.Repeat("ü", 255) }), nil},
	{"name of 256 characters", create(func(p *CreateKeyParams) { p.Name = strings.Repeat("ü", 256) }), refused("Name", "256 characters are more than the 255 allowed")},
	{"name of bytes", create(func(p *CreateKeyParams) { p.Name = "a\xff" }), refused("Name", "not valid UTF-8")},
	{"Discord id of 17 digits", create(func(p *CreateKeyParams) { p.DiscordID = digits(17) }), nil},
	{"Discord id of 19 digits", create(func(p *CreateKeyParams) { p.DiscordID = digits(19) }), nil},
	{"Discord id of 16 digits", create(func(p *CreateKeyParams) { p.DiscordID = digits(16) }), noDiscordID(`"1234567890123456"`)},
	{"Discord id of 20 digits", create(func(p *CreateKeyParams) { p.DiscordID = digits(20) }), noDiscordID(`"12345678901234567890"`)},
	{"Discord id with a letter", create(func(p *CreateKeyParams) { p.DiscordID = digits(16) + "x" }), noDiscordID(`"1234567890123456x"`)},
	{"Discord id with a foreign digit", create(func(p *CreateKeyParams) { p.DiscordID = digits(16) + "٣" }), noDiscordID(`"1234567890123456٣"`)},
	{"Discord id with a line end", create(func(p *CreateKeyParams) { p.DiscordID = digits(17) + "\n" }), noDiscordID(`"12345678901234567\n"`)},
	{"endless Discord id", create(func(p *CreateKeyParams) { p.DiscordID = strings.Repeat("1", 5000) }),
		noDiscordID(`"11111111111111111111111111111111"… (5000 characters)`)},
	{"valid for one minute", create(func(p *CreateKeyParams) { p.Validity = time.Minute }), nil},
	{"valid for 90 seconds", create(func(p *CreateKeyParams) { p.Validity = 90 * time.Second }), refused("Validity", "1m30s is not a whole number of minutes, which the vendor counts in")},
	{"valid for a nanosecond", create(func(p *CreateKeyParams) { p.Validity = 1 }), refused("Validity", "1ns is not a whole number of minutes, which the vendor counts in")},
	{"valid for less than nothing", create(func(p *CreateKeyParams) { p.Validity = -time.Minute }), refused("Validity", "-1m0s is negative")},
	{"100 devices", create(func(p *CreateKeyParams) { p.HWIDLimit = 100 }), nil},
	{"101 devices", create(func(p *CreateKeyParams) { p.HWIDLimit = 101 }), refused("HWIDLimit", "101 is outside 0 to 100")},
	{"-1 devices", create(func(p *CreateKeyParams) { p.HWIDLimit = -1 }), refused("HWIDLimit", "-1 is outside 0 to 100")},
	{"device of 255 characters", create(func(p *CreateKeyParams) { p.HWIDs = []string{strings.Repeat("日", 255)} }), nil},
	{"bad devices", create(func(p *CreateKeyParams) { p.HWIDs = []string{"a", "", strings.Repeat("b", 256), "\xff"} }), []FieldError{
		{"HWIDs[1]", "an empty hardware id binds nothing"},
		{"HWIDs[2]", "256 characters are more than the 255 allowed"},
		{"HWIDs[3]", "not valid UTF-8"},
	}},
	{"key with every fault", create(func(p *CreateKeyParams) {
		*p = CreateKeyParams{ServiceID: -1, FolderID: -1, Name: "\xff", DiscordID: "me", Validity: -1, HWIDLimit: -1, HWIDs: []string{""}}
	}), []FieldError{
		{"ProviderID", "0 is no id: one of at least 1 is required"},
		{"ServiceID", "-1 is no id: ids start at 1, and 0 means that it is not set"},
		{"FolderID", "-1 is no id: ids start at 1, and 0 means that it is not set"},
		{"Name", "not valid UTF-8"},
		{"DiscordID", `"me" is no Discord user id, which has 17 to 19 digits and nothing else`},
		{"Validity", "-1ns is negative"},
		{"HWIDLimit", "-1 is outside 0 to 100"},
		{"HWIDs[0]", "an empty hardware id binds nothing"},
	}},

	// Batches.
	{"batch of 1", batch(nil), nil},
	{"batch of 100", batch(func(p *CreateBatchParams) { p.Amount = 100 }), nil},
	{"batch of 0", batch(func(p *CreateBatchParams) { p.Amount = 0 }), refused("Amount", "0 is outside 1 to 100")},
	{"batch of 101", batch(func(p *CreateBatchParams) { p.Amount = 101 }), refused("Amount", "101 is outside 1 to 100")},
	{"batch with every other fault", batch(func(p *CreateBatchParams) {
		*p = CreateBatchParams{Amount: -1, ServiceID: -1, FolderID: -1, Name: strings.Repeat("n", 256), DiscordID: "me",
			Validity: time.Second, HWIDLimit: 101, HWID: strings.Repeat("h", 256)}
	}), []FieldError{
		{"Amount", "-1 is outside 1 to 100"},
		{"ProviderID", "0 is no id: one of at least 1 is required"},
		{"ServiceID", "-1 is no id: ids start at 1, and 0 means that it is not set"},
		{"FolderID", "-1 is no id: ids start at 1, and 0 means that it is not set"},
		{"Name", "256 characters are more than the 255 allowed"},
		{"DiscordID", `"me" is no Discord user id, which has 17 to 19 digits and nothing else`},
		{"Validity", "1s is not a whole number of minutes, which the vendor counts in"},
		{"HWIDLimit", "101 is outside 0 to 100"},
		{"HWID", "256 characters are more than the 255 allowed"},
	}},

	// Updates.
	{"update of nothing", update(UpdateKeyParams{}), nil},
	{"update of everything", update(UpdateKeyParams{Name: Set(""), FolderID: Set[int64](1), DiscordID: Set(digits(18)),
		Validity: Set(time.Duration(0)), ExpiryOnFirstUse: Set(false), ExpiresAt: Set(t0), Premium: Set(false), OneTimeUse: Set(false),
		Invalidated: Set(false), HWIDLimit: Set(0), NoHWID: Set(false), HWIDs: Set([]string{})}), nil},
	{"update that empties everything", update(UpdateKeyParams{Name: Null[string](), FolderID: Null[int64](), DiscordID: Null[string](),
		Validity: Null[time.Duration](), ExpiresAt: Null[time.Time](), HWIDLimit: Null[int]()}), nil},
	{"update of the devices to null", update(UpdateKeyParams{HWIDs: Null[[]string]()}), refused("HWIDs", "Null cannot be sent here: use Set, or leave the field out")},
	{"update to a time reckoned from none", update(UpdateKeyParams{ExpiresAt: Set(time.Time{}.Add(time.Hour))}), refused("ExpiresAt", "a time in the year 1 cannot be meant: times from 1970 to 9999 are sent")},
	{"update with every fault", update(UpdateKeyParams{Name: Set(strings.Repeat("n", 256)), FolderID: Set[int64](0), DiscordID: Set(""),
		Validity: Set(time.Second), ExpiryOnFirstUse: Null[bool](), ExpiresAt: Set(time.Time{}), Premium: Null[bool](), OneTimeUse: Null[bool](),
		Invalidated: Null[bool](), HWIDLimit: Set(101), NoHWID: Null[bool](), HWIDs: Set([]string{""})}), []FieldError{
		{"Name", "256 characters are more than the 255 allowed"},
		{"FolderID", "0 is no id: ids start at 1, and Null means no folder"},
		{"DiscordID", `"" is no Discord user id, which has 17 to 19 digits and nothing else`},
		{"Validity", "1s is not a whole number of minutes, which the vendor counts in"},
		{"ExpiresAt", "the zero time is no expiry: use Null for a key that never expires"},
		{"HWIDLimit", "101 is outside 0 to 100"},
		{"HWIDs[0]", "an empty hardware id binds nothing"},
		{"ExpiryOnFirstUse", "Null cannot be sent here: use Set, or leave the field out"},
		{"Premium", "Null cannot be sent here: use Set, or leave the field out"},
		{"OneTimeUse", "Null cannot be sent here: use Set, or leave the field out"},
		{"Invalidated", "Null cannot be sent here: use Set, or leave the field out"},
		{"NoHWID", "Null cannot be sent here: use Set, or leave the field out"},
	}},
	{"update to a far date", update(UpdateKeyParams{ExpiresAt: Set(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))}),
		refused("ExpiresAt", "a time in the year 10000 cannot be meant: times from 1970 to 9999 are sent")},

	// Bulk deletes.
	{"1 reference", checkBulk([]KeyRef{ID(1)}), nil},
	{"1000 references", checkBulk(refs(1000)), nil},
	{"values that no path takes", checkBulk([]KeyRef{Value("42"), Value("folders"), Value("..")}), nil},
	{"no references", checkBulk(nil), refused("refs", "no references: 1 to 1000 are required")},
	{"1001 references", checkBulk(refs(1001)), refused("refs", "1001 references are more than the 1000 allowed in one call: split them")},
	{"bad references", checkBulk([]KeyRef{{}, ID(1), ID(-1), Value(""), Value("\xff")}), []FieldError{
		{"refs[0]", "the zero KeyRef names no key: make one with junkie.ID or junkie.Value"},
		{"refs[2]", "-1 is no id: ids start at 1"},
		{"refs[3]", "an empty key value names no key"},
		{"refs[4]", "the key value is not valid UTF-8"},
	}},
}

func TestChecks(t *testing.T) {
	t.Parallel()
	for _, test := range checkCases {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, fieldErrors(test.found.Faults))
			if test.want == nil {
				assert.NoError(t, test.found.Err())
			} else {
				assert.ErrorContains(t, test.found.Err(), test.want[0].Field+": "+test.want[0].Message)
			}
		})
	}
}

func TestManyFaultsStayReadable(t *testing.T) {
	t.Parallel()
	found := checkBulk(make([]KeyRef, 1000))
	assert.Len(t, found.Faults, 1000)
	assert.Less(t, len(found.Error()), 1200)
	assert.Contains(t, found.Error(), "refs[9]: ")
	assert.NotContains(t, found.Error(), "refs[10]: ")
	assert.True(t, strings.HasSuffix(found.Error(), "; and 990 more"))
}

func TestCheckTextsHideKeysAndDevices(t *testing.T) {
	t.Parallel()
	const secret = "hidden-"
	long := secret + strings.Repeat("x", 300)
	for _, found := range []faults{
		create(func(p *CreateKeyParams) { p.HWIDs = []string{long, secret + "\xff"} }),
		batch(func(p *CreateBatchParams) { p.HWID = long }),
		update(UpdateKeyParams{HWIDs: Set([]string{long})}),
		list(ListKeysParams{ValueContains: secret + "\xff", HWIDContains: secret + "\xff"}),
		checkBulk([]KeyRef{Value(secret + "\xff")}),
	} {
		assert.NotEmpty(t, found.Faults)
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", found, found, found), secret)
	}
}

func list(p ListKeysParams) faults    { return p.check() }
func update(p UpdateKeyParams) faults { return p.check() }

func create(change func(*CreateKeyParams)) faults {
	p := CreateKeyParams{ProviderID: 1}
	if change != nil {
		change(&p)
	}
	return p.check()
}

func batch(change func(*CreateBatchParams)) faults {
	p := CreateBatchParams{ProviderID: 1, Amount: 1}
	if change != nil {
		change(&p)
	}
	return p.check()
}

func refused(field, message string) []FieldError { return []FieldError{{field, message}} }

func noDiscordID(quoted string) []FieldError {
	return refused("DiscordID", quoted+" is no Discord user id, which has 17 to 19 digits and nothing else")
}

func digits(n int) string { return strings.Repeat("1234567890", 10)[:n] }

func refs(n int) []KeyRef {
	refs := make([]KeyRef, n)
	for i := range refs {
		refs[i] = ID(int64(i + 1))
	}
	return refs
}
