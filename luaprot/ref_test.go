package luaprot

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/internal/clienttest"
)

func TestRefsCompare(t *testing.T) {
	t.Parallel()
	assert.True(t, ByKey("abc") == ByKey("ab"+string([]byte{'c'})))
	assert.True(t, ByDiscordID(testUser) == ByDiscordID(testUser))
	assert.False(t, ByKey(testUser) == ByDiscordID(testUser))
	assert.False(t, ByKey("") == KeyRef{}, "an empty value is not the zero reference")
	names := map[KeyRef]string{ByKey("x"): "ex", ByDiscordID(testUser): "user"}
	assert.Equal(t, "user", names[ByDiscordID(testUser)])
}

func TestRefIsOneOfTheTwo(t *testing.T) {
	t.Parallel()
	for ref, refusal := range map[KeyRef]string{
		ByKey(testValue):                     "",
		ByKey("657b3665865c7c798d39b4HI"):    "", // not all are hexadecimal
		ByKey("X"):                           "",
		ByKey("xx"):                          "",
		ByKey(" & =?/ü"):                     "",
		ByDiscordID(strings.Repeat("1", 17)): "",
		ByDiscordID(strings.Repeat("1", 20)): "",

		{}:                                    "the zero KeyRef names no key: make one with luaprot.ByKey or luaprot.ByDiscordID",
		ByKey(""):                             "an empty key value names no key",
		ByKey("x"):                            `the key value "x" is reserved: it stands for "no key" at the vendor`,
		ByKey("a\xffb"):                       "the key value is not valid UTF-8",
		ByDiscordID(""):                       "not a Discord user id, which has 17 to 20 digits and nothing else",
		ByDiscordID(strings.Repeat("1", 16)):  "not a Discord user id, which has 17 to 20 digits and nothing else",
		ByDiscordID(strings.Repeat("1", 21)):  "not a Discord user id, which has 17 to 20 digits and nothing else",
		ByDiscordID("10000000000000000x"):     "not a Discord user id, which has 17 to 20 digits and nothing else",
		ByDiscordID("1000000000000000٣"):      "not a Discord user id, which has 17 to 20 digits and nothing else",
		ByDiscordID("100000000000000001\n"):   "not a Discord user id, which has 17 to 20 digits and nothing else",
		ByDiscordID("<@100000000000000001>"):  "not a Discord user id, which has 17 to 20 digits and nothing else",
		ByDiscordID("-100000000000000001"):    "not a Discord user id, which has 17 to 20 digits and nothing else",
		ByDiscordID("+100000000000000000001"): "not a Discord user id, which has 17 to 20 digits and nothing else",
	} {
		if refusal == "" {
			assert.NoError(t, ref.check(), ref.value.Value())
		} else {
			assert.EqualError(t, ref.check(), refusal)
		}
	}
}

// A key's value is what an end user unlocks the product with. It stays hidden
// even where it was passed for a Discord user's id.
func TestRefHidesKeys(t *testing.T) {
	t.Parallel()
	const secret = "hidden-key-value"
	var printed clienttest.Printer
	for range 20 {
		for _, ref := range []KeyRef{ByKey(secret), ByDiscordID(secret)} {
			inside := struct {
				Ref    KeyRef
				hidden KeyRef
			}{ref, ref}
			for _, v := range []any{ref, &ref, inside, &inside, []KeyRef{ref}, map[KeyRef]int{ref: 1}, ref.check()} {
				printed.Show(v)
			}
		}
	}
	printed.AssertHides(t, secret)
	assert.Contains(t, printed.String(), "ByKey(…)")
	assert.Equal(t, []string{"ByKey(…)", "ByDiscordID(100000000000000001)", "ByDiscordID(…)", "KeyRef(none)"},
		[]string{ByKey(secret).String(), ByDiscordID(testUser).String(), ByDiscordID(secret).String(), KeyRef{}.String()})
	assert.Equal(t, "luaprot.ByKey(…)", ByKey(secret).GoString())
}
