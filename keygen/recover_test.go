package keygen

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// found is a list of keys, newest first, each given by its string and its age
// at the time of the vendor's answer.
func found(answered time.Time, next string, keys ...any) answer {
	var items []string
	for i := 0; i < len(keys); i += 2 {
		items = append(items, fmt.Sprintf(`{"id": %q, "attributes": {"key": %q, "created": %q}}`,
			rowID(int(crc32.ChecksumIEEE([]byte(keys[i].(string))))), keys[i], answered.Add(-keys[i+1].(time.Duration)).UTC().Format("2006-01-02T15:04:05.000Z")))
	}
	if next == "" {
		next = "null"
	}
	return says(200, `{"data": [`+strings.Join(items, ", ")+`], "links": {"next": `+next+`}}`)
}

func takenAt(at time.Time) answer {
	return refuses(422, "Unprocessable resource", "has already been taken", "KEY_TAKEN", "/data/attributes/key", "Date", at.UTC().Format(http.TimeFormat))
}

// late answers after a while, as the network and the vendor do.
func late(d time.Duration, next answer) answer {
	return func(call sent) (*http.Response, error) {
		time.Sleep(d)
		return next(call)
	}
}

func createKey(ctx context.Context, c *Client) (*Key, error) {
	return c.Keys.Create(ctx, CreateKeyParams{Key: testKey, PolicyID: policyID})
}

// The vendor's clock in these tests; ours, in the bubble, is years behind.
var vendorNow = time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC)

// The first attempt takes 10 s, the wait before the second is random below
// 250 ms, and the second takes 5 s: what was created less than some 17 s before
// the answer is this call's own.
func TestCreateKeyThatWasCreatedBefore(t *testing.T) {
	t.Parallel()
	taken := late(5*time.Second, takenAt(vendorNow))
	first := late(10*time.Second, lost)
	for name, test := range map[string]struct {
		answers []answer
		own     bool
		kinds   []string
		calls   int
		text    string
	}{
		"just now":                     {[]answer{first, taken, found(vendorNow, "", testKey, time.Second)}, true, nil, 3, ""},
		"after the answer":             {[]answer{first, taken, found(vendorNow, "", testKey, -time.Second)}, true, nil, 3, ""},
		"when it began":                {[]answer{first, taken, found(vendorNow, "", testKey, 15*time.Second)}, true, nil, 3, ""},
		"within the slack of clocks":   {[]answer{first, taken, found(vendorNow, "", testKey, 17*time.Second)}, true, nil, 3, ""},
		"before":                       {[]answer{first, taken, found(vendorNow, "", testKey, 18*time.Second)}, false, []string{"conflict", "key taken"}, 3, ""},
		"long before":                  {[]answer{first, taken, found(vendorNow, "", "another-key", time.Second, testKey, time.Hour)}, false, []string{"conflict", "key taken"}, 3, ""},
		"among newer ones":             {[]answer{first, taken, found(vendorNow, "", "another-key", 0*time.Second, "c1b6de-39a6e3-de1529-8559a0-4af593-v3", time.Second, testKey, 2*time.Second)}, true, nil, 3, ""},
		"on the second page":           {[]answer{first, taken, found(vendorNow, `"/keys?page[cursor]=`+rowID(100)+`"`, "another-key", time.Second), found(vendorNow, "", testKey, time.Second)}, true, nil, 4, ""},
		"not here":                     {[]answer{first, taken, found(vendorNow, "")}, false, []string{"conflict", "key taken", "unknown outcome"}, 3, "not among the newest"},
		"nothing but others":           {[]answer{first, taken, found(vendorNow, "", "another-key", time.Second, "older-key", time.Hour)}, false, []string{"conflict", "key taken", "unknown outcome"}, 3, "not among the newest"},
		"the list is forbidden":        {[]answer{first, taken, refuses(403, "Access denied", "no", "", "")}, false, []string{"conflict", "key taken", "unknown outcome"}, 3, "could not be looked through: keygen: listKeys"},
		"the list is broken":           {[]answer{first, taken, says(200, `{"data": []}`)}, false, []string{"conflict", "key taken", "unknown outcome"}, 5, "could not be looked through"},
		"after two lost answers":       {[]answer{first, first, taken, found(vendorNow, "", testKey, 26*time.Second)}, true, nil, 4, ""},
		"after a failing vendor":       {[]answer{late(10*time.Second, says(500, ``)), taken, found(vendorNow, "", testKey, 15*time.Second)}, true, nil, 3, ""},
		"a first attempt that answers": {[]answer{taken, found(vendorNow, "", testKey, time.Second)}, false, []string{"conflict", "key taken"}, 1, ""},
		"after a rate limit":           {[]answer{says(429, ``), taken, found(vendorNow, "", testKey, time.Second)}, false, []string{"conflict", "key taken"}, 2, ""},
		"no date":                      {[]answer{first, refuses(422, "x", "has already been taken", "KEY_TAKEN", "")}, false, []string{"conflict", "key taken", "unknown outcome"}, 2, ""},
		"an odd date":                  {[]answer{first, refuses(422, "x", "has already been taken", "KEY_TAKEN", "", "Date", "today")}, false, []string{"conflict", "key taken", "unknown outcome"}, 2, ""},
		"a conflict with a license": {[]answer{first, refuses(422, "x", "is already being used as a license's key", "KEY_CONFLICT", "/data/attributes/key", "Date", vendorNow.Format(http.TimeFormat))},
			false, []string{"conflict", "key conflict", "unknown outcome"}, 2, "outcome unknown: "},
		"another refusal":  {[]answer{first, refuses(404, "Not found", "The requested account 'x' was not found", "NOT_FOUND", "")}, false, []string{"not found", "no account", "unknown outcome"}, 2, ""},
		"no answer at all": {[]answer{first}, false, []string{"unknown outcome"}, 3, "outcome unknown: "},
		"while the first is carried out": {[]answer{first, refuses(409, "Conflict", "The request could not be completed because of a conflict", "", "", "Date", vendorNow.Format(http.TimeFormat)),
			found(vendorNow, "", testKey, time.Second)}, true, nil, 3, ""},
		"while another is carried out": {[]answer{first, refuses(409, "Conflict", "The request could not be completed because of a conflict", "", "", "Date", vendorNow.Format(http.TimeFormat)),
			found(vendorNow, "")}, false, []string{"conflict", "unknown outcome"}, 3, "not among the newest"},
		"created at no time": {[]answer{first, taken, says(200, `{"data": [{"id": "`+keyID+`", "attributes": {"key": "`+testKey+`"}}], "links": {"next": null}}`)},
			false, []string{"conflict", "key taken", "unknown outcome"}, 3, ""},
		"a success": {[]answer{first, says(201, document+keyJSON+`}`)}, true, nil, 2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, v := newClient(t, test.answers...)
				key, err := createKey(t.Context(), client)
				v.AssertCalls(t, test.calls)
				if test.own {
					require.NoError(t, err)
					assert.Equal(t, testKey, key.Key)
					return
				}
				assert.Nil(t, key)
				assert.ElementsMatch(t, test.kinds, kindsOf(err))
				e := errorOf(t, err)
				assert.Equal(t, "createKey", e.Op)
				assert.ErrorContains(t, e, test.text)
				assert.Equal(t, strings.Contains(strings.Join(test.kinds, " "), "unknown"), e.Outcome == OutcomeUnknown)
				assert.False(t, e.Outcome == OutcomeNotApplied && strings.Contains(e.Error(), "outcome unknown"))
			})
		})
	}
}

func TestCreateKeyLooksInThePolicyNewestFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, v := newClient(t, lost, takenAt(vendorNow), found(vendorNow, "", testKey, time.Second))
		_, err := createKey(t.Context(), client)
		require.NoError(t, err)
		assert.Equal(t, DefaultBaseURL+"/accounts/acme/keys?page%5Bsize%5D=100&page%5Bcursor%5D=&policy="+policyID, v.Calls[2].URL)
	})
}

// The vendor's own header counts, which no proxy rewrites.
func TestCreateKeyGoesByTheVendorsClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		taken := refuses(422, "x", "has already been taken", "KEY_TAKEN", "", "Date", vendorNow.Add(-time.Hour).Format(http.TimeFormat), "Keygen-Date", vendorNow.Format(http.TimeFormat))
		client, _ := newClient(t, lost, taken, found(vendorNow, "", testKey, time.Minute))
		_, err := createKey(t.Context(), client)
		assert.ElementsMatch(t, []string{"conflict", "key taken"}, kindsOf(err))
	})
}

// Of the keys from before the call no more than 1,000 are looked at.
func TestCreateKeyDoesNotLookBackForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{rows: down(5000, 5000)}
		client, v := newClient(t, lost, takenAt(vendorNow.AddDate(0, 0, 1)), s.answer)
		_, err := createKey(t.Context(), client)
		assert.ElementsMatch(t, []string{"conflict", "key taken", "unknown outcome"}, kindsOf(err))
		v.AssertCalls(t, 2+10)

		s = &shelf{rows: down(5000, 5000)}
		client, v = newClient(t, lost, takenAt(vendorNow.AddDate(-1, 0, 0)), s.answer)
		_, err = createKey(t.Context(), client)
		assert.ElementsMatch(t, []string{"conflict", "key taken", "unknown outcome"}, kindsOf(err))
		v.AssertCalls(t, 2+50)
	})
}

func TestCreateKeyWhoseContextEndsWhileItLooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		client, _ := newClient(t, lost, takenAt(vendorNow), func(sent) (*http.Response, error) { cancel(); return nil, ctx.Err() })
		_, err := createKey(ctx, client)
		assert.ErrorIs(t, err, context.Canceled)
		assert.ElementsMatch(t, []string{"conflict", "key taken", "unknown outcome"}, kindsOf(err))
	})
}

// Of an update, a string that is taken settles that it did not take effect:
// otherwise no other key could have it. Nothing else settles anything.
func TestUpdateKeyAfterALostAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer answer
		kinds  []string
	}{
		"done":            {says(200, document+keyJSON+`}`), nil},
		"taken":           {takenAt(vendorNow), []string{"conflict", "key taken"}},
		"taken, undated":  {refuses(422, "x", "has already been taken", "KEY_TAKEN", ""), []string{"conflict", "key taken"}},
		"a license's":     {refuses(422, "x", "is already being used as a license's key", "KEY_CONFLICT", ""), []string{"conflict", "key conflict", "unknown outcome"}},
		"gone":            {refuses(404, "Not found", "The requested key 'x' was not found", "NOT_FOUND", ""), []string{"not found", "unknown outcome"}},
		"lost once again": {lost, []string{"unknown outcome"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, v := newClient(t, lost, test.answer)
				_, err := client.Keys.Update(t.Context(), keyID, UpdateKeyParams{Key: testKey})
				assert.ElementsMatch(t, test.kinds, kindsOf(err))
				if name != "lost once again" {
					v.AssertCalls(t, 2)
				}
				if err != nil {
					assert.Equal(t, len(test.kinds) > 0 && test.kinds[len(test.kinds)-1] == "unknown outcome", errorOf(t, err).Outcome == OutcomeUnknown)
				}
			})
		})
	}
}

// license answers with the license that was asked for, or asked to be made.
func license(call sent) (*http.Response, error) {
	id := call.URL[strings.LastIndex(call.URL, "/")+1:]
	if call.HasBody {
		id = sentID(call)
	}
	return says(map[bool]int{true: 201, false: 200}[call.HasBody], document+strings.Replace(licenseJSON, licenseID, id, 1)+`}`)(call)
}

func sentID(call sent) string {
	var body struct{ Data struct{ ID string } }
	_ = json.Unmarshal([]byte(call.Body), &body)
	return body.Data.ID
}

// The id that was sent tells what became of a license.
func TestCreateLicenseWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	notFound := refuses(404, "Not found", "The requested license 'x' was not found", "NOT_FOUND", "")
	keyless := says(200, document+strings.Replace(licenseJSON, `"key": "`+testKey+`"`, `"key": null`, 1)+`}`)
	for name, test := range map[string]struct {
		answers []answer
		outcome Outcome // of the error, if there is one
		kinds   []string
		calls   int
		text    string
	}{
		"it is there":                 {[]answer{lost, license}, 0, nil, 2, ""},
		"it is there after a failure": {[]answer{says(500, ``), license}, 0, nil, 2, ""},
		"it is there, asked twice":    {[]answer{lost, lost, license}, 0, nil, 3, ""},
		"it is there, unreadable":     {[]answer{says(201, `{"data": {`), license}, 0, nil, 2, ""},
		"it is there, incomplete":     {[]answer{says(201, `{}`), license}, 0, nil, 2, ""},
		"it is there, without a key":  {[]answer{lost, keyless}, OutcomeApplied, nil, 2, "its key is not shown"},
		"it is not there":             {[]answer{lost, notFound}, OutcomeUnknown, []string{"unknown outcome"}, 2, "look again in a minute for the license with the id "},
		"it may not be read":          {[]answer{lost, refuses(403, "Access denied", "no", "", "")}, OutcomeUnknown, []string{"unknown outcome"}, 2, "failed as well: keygen: getLicense"},
		"nothing can be heard":        {[]answer{lost}, OutcomeUnknown, []string{"unknown outcome"}, 4, "failed as well"},
		"it was created, not found":   {[]answer{says(201, `OK`), notFound}, OutcomeApplied, []string{"bad response"}, 2, "the change was made"},
		"it was refused":              {[]answer{refuses(422, "x", "pool is empty", "POLICY_POOL_EMPTY", ""), license}, OutcomeNotApplied, []string{"conflict", "pool empty"}, 1, ""},
		"it was limited":              {[]answer{says(429, ``), license}, 0, nil, 2, ""},
	} {
		for _, own := range []string{"", licenseID} {
			t.Run(name+own, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					client, v := newClient(t, test.answers...)
					got, err := client.Licenses.Create(t.Context(), CreateLicenseParams{PolicyID: policyID, ID: own})
					v.AssertCalls(t, test.calls)
					id := sentID(v.Calls[0])
					if own != "" {
						assert.Equal(t, own, id)
					}
					for _, call := range v.Calls[1:] {
						if call.Method == http.MethodGet {
							assert.Equal(t, DefaultBaseURL+"/accounts/acme/licenses/"+id, call.URL)
						}
					}
					if test.kinds == nil && test.text == "" {
						require.NoError(t, err)
						assert.Equal(t, id, got.ID)
						assert.Equal(t, testKey, got.Key)
						return
					}
					e := errorOf(t, err)
					assert.Nil(t, got)
					assert.Equal(t, "createLicense", e.Op)
					assert.Equal(t, test.outcome, e.Outcome)
					assert.ElementsMatch(t, test.kinds, kindsOf(e))
					assert.ErrorContains(t, e, test.text)
					if test.outcome == OutcomeNotApplied {
						assert.Empty(t, e.LicenseID)
					} else {
						assert.Equal(t, id, e.LicenseID)
						assert.ErrorContains(t, e, id)
					}
				})
			})
		}
	}
}

// A proxy that sends a request twice shows the answer to the second. To try
// again after it, as one may after other conflicts, would draw a second key.
func TestCreateLicenseThatConflictsWithItself(t *testing.T) {
	t.Parallel()
	conflict := refuses(409, "Conflict", "The request could not be completed because of a conflict", "", "")
	notFound := refuses(404, "Not found", "The requested license 'x' was not found", "NOT_FOUND", "")
	keyless := says(200, document+strings.Replace(licenseJSON, `"key": "`+testKey+`"`, `"key": null`, 1)+`}`)
	for name, test := range map[string]struct {
		id      string
		look    answer
		calls   int
		created bool
		outcome Outcome
	}{
		"it is there":                {"", license, 2, true, 0},
		"it is there, without a key": {"", keyless, 2, false, OutcomeApplied},
		"it is not there":            {"", notFound, 2, false, OutcomeNotApplied},
		"nobody knows":               {"", refuses(403, "Access denied", "no", "", ""), 2, false, OutcomeNotApplied},
		"the id is not ours":         {licenseID, license, 1, false, OutcomeNotApplied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, v := newClient(t, conflict, test.look)
			got, err := client.Licenses.Create(t.Context(), CreateLicenseParams{PolicyID: policyID, ID: test.id})
			v.AssertCalls(t, test.calls)
			if test.created {
				require.NoError(t, err)
				assert.Equal(t, sentID(v.Calls[0]), got.ID)
				return
			}
			e := errorOf(t, err)
			assert.ErrorIs(t, e, ErrConflict)
			assert.Equal(t, test.outcome, e.Outcome)
			assert.Equal(t, test.outcome != OutcomeNotApplied, e.LicenseID != "")
		})
	}
}

func TestCreateLicenseWithoutAnIDCannotBeFoundOutAbout(t *testing.T) {
	t.Parallel()
	client, v := newClientWith(t, Config{Credential: Token("user-0123456789abcdefv3")}, lost)
	_, err := client.Licenses.Create(t.Context(), CreateLicenseParams{PolicyID: policyID})
	e := errorOf(t, err)
	assert.ErrorIs(t, e, ErrUnknownOutcome)
	assert.Empty(t, e.LicenseID)
	v.AssertCalls(t, 1)
}

func TestCreateLicenseWhoseContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	client, v := newClient(t, func(sent) (*http.Response, error) { cancel(); return nil, ctx.Err() })
	_, err := client.Licenses.Create(ctx, CreateLicenseParams{PolicyID: policyID})
	e := errorOf(t, err)
	assert.ErrorIs(t, e, ErrUnknownOutcome)
	assert.ErrorIs(t, e, context.Canceled)
	assert.Equal(t, sentID(v.Calls[0]), e.LicenseID)
	v.AssertCalls(t, 1)
}

func TestNewIDsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		id := newID()
		canonical, ok := canonicalID(id)
		assert.True(t, ok && canonical == id, id)
		assert.False(t, seen[id])
		seen[id] = true
	}
}
