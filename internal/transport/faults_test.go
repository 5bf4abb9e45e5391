package transport

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

type nullable bool

func (n nullable) IsNull() bool { return bool(n) }

func TestFaultsCollectEverything(t *testing.T) {
	t.Parallel()
	var found Faults
	assert.NoError(t, found.Err())
	found.Between("A", 1, 1, 3)
	found.Between("B", 3, 1, 3)
	found.NotNull("C", nullable(false))
	assert.True(t, found.UTF8("D", "ü"))
	assert.NoError(t, found.Err())

	found.Between("A", 0, 1, 3)
	found.Between("B", 4, 1, 3)
	found.NotNull("C", nullable(true))
	assert.False(t, found.UTF8("D", "hidden\xff"))
	found.Add("E", "%d too many", 2)
	assert.Equal(t, Faults{
		{"A", "0 is outside 1 to 3"},
		{"B", "4 is outside 1 to 3"},
		{"C", "Null cannot be sent here: use Set, or leave the field out"},
		{"D", "not valid UTF-8"},
		{"E", "2 too many"},
	}, found)
	assert.EqualError(t, found.Err(), "A: 0 is outside 1 to 3; B: 4 is outside 1 to 3; "+
		"C: Null cannot be sent here: use Set, or leave the field out; D: not valid UTF-8; E: 2 too many")
}

func TestFaultText(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"A: b", "A", "b"}, []string{Fault{"A", "b"}.String(), Fault{Field: "A"}.String(), Fault{Message: "b"}.String()})
}

func TestManyFaultsStayReadable(t *testing.T) {
	t.Parallel()
	var found Faults
	for i := range 1000 {
		found.Add(fmt.Sprintf("refs[%d]", i), "names no key")
	}
	assert.Contains(t, found.Error(), "refs[9]: ")
	assert.NotContains(t, found.Error(), "refs[10]: ")
	assert.True(t, strings.HasSuffix(found.Error(), "; and 990 more"))
}

func TestQuote(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `"a\nü"`, Quote("a\nü"))
	assert.Equal(t, `"`+strings.Repeat("ü", 32)+`"`, Quote(strings.Repeat("ü", 32)))
	assert.Equal(t, `"`+strings.Repeat("ü", 32)+`"… (33 characters)`, Quote(strings.Repeat("ü", 33)))
}

func TestRefusedArgumentsAreNamed(t *testing.T) {
	t.Parallel()
	client := newClient(t, testConfig(nil))
	found := Faults{{"Amount", "0 is outside 1 to 100"}, {"Name", "not " + testKey}}
	e := client.Refuse(op(Once), fmt.Errorf("see: %w", found))
	assert.ErrorIs(t, e, ErrInvalid)
	assert.Equal(t, Faults{{"Amount", "0 is outside 1 to 100"}, {"Name", "not [redacted]"}}, e.Fields)
	assert.EqualError(t, e, "acme: createKey (POST /keys): Amount: 0 is outside 1 to 100; Name: not [redacted]; nothing was sent")
	assert.Empty(t, client.Refuse(op(Once), errors.New("no path")).Fields)
}

func TestTrySendsNothingThatCouldNotBeBuilt(t *testing.T) {
	t.Parallel()
	client := answering(t, func() *http.Response { return reply(201, keyJSON) })
	errBuild := errors.New("no path")
	_, err := Try[key](t.Context(), client, op(Once), Request{}, errBuild)
	assert.ErrorIs(t, err, ErrInvalid)
	assert.ErrorIs(t, err, errBuild)
	assert.Zero(t, failed(t, err).Attempts)

	got, err := Try[key](t.Context(), client, op(Once), request(Once), nil)
	assert.NoError(t, err)
	assert.Equal(t, key{7, "ABC"}, got)
}
