package conformance

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// A vendor that is the mock confirms everything that it is asked.
func TestLiveWithAVendorLikeTheMock(t *testing.T) {
	t.Parallel()
	for _, v := range liveVendors() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			u := newUnderstudy(t)
			report := u.ask(t, v)
			assert.Empty(t, report.rules(refuted), report.String())
			assert.Empty(t, report.mishaps)
			assert.Empty(t, report.departures)
			assert.Empty(t, report.left)
			assert.Empty(t, report.doubts)
			assertAskedAll(t, report)
			u.assertUntouched(t)
			assertPatchFits(t, v, report)
		})
	}
}

// What is optional can be left out, or be there, and nothing else changes.
func TestLiveWithOtherSettings(t *testing.T) {
	t.Parallel()
	for _, v := range liveVendors() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			u := newUnderstudy(t)
			set, left := u.plan[v.name], map[string]bool{}
			for _, variable := range v.variables {
				if variable.optional && set[variable.name] != "" {
					delete(set, variable.name)
					left[v.variable(variable.name)] = true
				} else if variable.optional {
					set[variable.name] = u.Keycrate().Subscriptions()[0].ID
				}
			}
			report := u.ask(t, v)
			assert.Empty(t, report.rules(refuted))
			assert.Empty(t, report.mishaps)
			u.assertUntouched(t)
			for name := range left {
				assert.Contains(t, report.String(), name)
			}
			if len(left) == 0 {
				assertAskedAll(t, report)
			}
		})
	}
}

// Answers that are not as the vendor's document has them are told, whether a rule
// speaks of them or not.
func TestLiveTellsDeparturesFromTheDocument(t *testing.T) {
	t.Parallel()
	u := newUnderstudy(t, func(x *exchange) {
		if x.is("POST", "/reset-hwid") {
			x.change(func(body map[string]any) { body["beta"] = "a value"; delete(body, "message") })
		}
	})
	v := junkieLive()
	report := u.ask(t, v)
	assert.Equal(t, []string{"reset.answer"}, report.rules(refuted))
	assert.ElementsMatch(t, []string{
		`resetKeyHWIDs, answered 200: property "beta" is unsupported`, `resetKeyHWIDs, answered 200: message: property "message" is missing`,
	}, report.departures)
	assert.Contains(t, report.String(), "answers that are not as openapi/junkie.yaml has them:\n  resetKeyHWIDs")
	u.assertUntouched(t)
}

// assertAskedAll checks that nothing was left out but what is never asked.
func assertAskedAll(t *testing.T, report liveReport) {
	t.Helper()
	never := map[string]bool{}
	for _, group := range report.vendor.unasked {
		for _, rule := range strings.Fields(group.rules) {
			never[rule] = true
		}
	}
	for _, rule := range report.rules(notAsked) {
		assert.True(t, never[rule], "%s was not asked", rule)
	}
}

// assertPatchFits checks that the patch changes the rules' source, of confirmed
// rules and in the lines where they are, and nothing else.
func assertPatchFits(t *testing.T, v *liveVendor, report liveReport) {
	t.Helper()
	var file []string
	var hunk []string
	changed := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(report.patch()), "\n") {
		switch {
		case strings.HasPrefix(line, "--- a/"):
			text, err := os.ReadFile(filepath.Join(repositoryRoot, strings.TrimPrefix(line, "--- a/")))
			require.NoError(t, err)
			file = strings.Split(string(text), "\n")
		case strings.HasPrefix(line, "+++ b/"), strings.HasPrefix(line, "# "):
		default:
			hunk = append(hunk, line)
		}
		if len(hunk) < 3 {
			continue
		}
		var number, same int
		var rule string
		_, err := fmt.Sscanf(hunk[0], "@@ -%d +%d @@ %s assumed -> observed", &number, &same, &rule)
		require.NoError(t, err, hunk[0])
		assert.Equal(t, number, same)
		assert.Equal(t, "-"+file[number-1], hunk[1])
		id := strings.TrimPrefix(rule, v.name+".")
		assert.Equal(t, strings.Replace(hunk[1][1:], `(asm, "`+id+`"`, `(obs, "`+id+`"`, 1), hunk[2][1:])
		assert.NotEqual(t, hunk[1][1:], hunk[2][1:])
		changed[id] = true
		hunk = nil
	}
	assert.Empty(t, hunk)
	for _, f := range report.findings {
		id := strings.TrimPrefix(f.rule.ID, v.name+".")
		assert.Equal(t, f.rule.Source == "assumed" && f.verdict() == confirmed, changed[id], "%s is in the patch", id)
	}
	assert.NotEmpty(t, changed)
}

// A vendor that differs in one point refutes the rules that say otherwise, and no
// others.
func TestLiveNamesTheRulesThatAVendorDoesNotKeep(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		vendor  *liveVendor
		twist   func(*exchange)
		setting func(*mockserver.Server)
		refuted []string
	}{
		{
			name: "lists come oldest first", vendor: junkieLive(),
			twist: func(x *exchange) {
				if x.is("GET", "/keys") {
					x.change(func(body map[string]any) { reverse(body["keys"]) })
				}
			},
			refuted: []string{"list.order"},
		},
		{
			name: "what does not exist is a bad request", vendor: junkieLive(),
			twist: func(x *exchange) {
				if x.resp.StatusCode == http.StatusNotFound && strings.Contains(string(x.got), "Key not found") {
					x.resp.StatusCode = http.StatusBadRequest
				}
			},
			refuted: []string{"ref.not-found", "delete.gone"},
		},
		{
			name: "a limit of devices by default", vendor: junkieLive(),
			twist: func(x *exchange) {
				if x.is("POST", "/keys") && !strings.Contains(string(x.sent), "hwid_limit") {
					x.change(func(body map[string]any) {
						if key, made := body["key"].(map[string]any); made {
							key["hwid_limit"] = 1
						}
					})
				}
			},
			refuted: []string{"create.defaults"},
		},
		{
			name: "no keys make one page", vendor: luaprotLive(),
			twist: func(x *exchange) {
				x.change(func(body map[string]any) {
					if body["totalPages"] == 0.0 {
						body["totalPages"] = 1
					}
				})
			},
			refuted: []string{"fetch.totals"},
		},
		{
			name: "another status for a key that info does not find", vendor: luaprotLive(),
			twist: func(x *exchange) {
				if x.is("GET", "/keys/info") && x.resp.StatusCode == http.StatusBadRequest && strings.Contains(string(x.got), "could not be found") {
					x.resp.StatusCode = http.StatusNotFound
				}
			},
			refuted: []string{"not-found.info"},
		},
		{
			name: "pages of 20", vendor: keycrateLive(),
			twist: func(x *exchange) {
				if x.is("POST", "/license/get-bulk") && !strings.Contains(string(x.sent), "per_page") {
					x.change(func(body map[string]any) {
						if body["per_page"] != nil {
							body["per_page"] = 20
						}
					})
				}
			},
			refuted: []string{"list.per-page"},
		},
		{
			name: "the other spelling", vendor: keycrateLive(),
			setting: func(s *mockserver.Server) {
				s.Keycrate().SetMismatchSpelling(keycratemock.CodeHWIDMismatchDoubleS)
			},
			refuted: []string{"auth.hwid-mismatch-spelling"},
		},
		{
			name: "durations start at the creation", vendor: keycrateLive(),
			setting: func(s *mockserver.Server) { s.Keycrate().SetDurationStart(keycratemock.AtCreation) },
			refuted: []string{"auth.first-use-expiry", "extend.unused"},
		},
		{
			name: "the oldest key leaves a pool first", vendor: keygenLive(),
			setting: func(s *mockserver.Server) { s.Keygen().SetPoolOrder(true) },
			refuted: []string{"pool.newest-first"},
		},
		{
			name: "places without a host", vendor: keygenLive(),
			twist: func(x *exchange) {
				if _, path, found := strings.Cut(x.resp.Header.Get("Location"), "/v1/"); found {
					x.resp.Header.Set("Location", "/v1/"+path)
				}
			},
			refuted: []string{"header.location"},
		},
	} {
		t.Run(c.vendor.name+": "+c.name, func(t *testing.T) {
			t.Parallel()
			var twists []func(*exchange)
			if c.twist != nil {
				twists = append(twists, c.twist)
			}
			u := newUnderstudy(t, twists...)
			if c.setting != nil {
				c.setting(u.Server)
			}
			report := u.ask(t, c.vendor)
			assert.ElementsMatch(t, c.refuted, report.rules(refuted))
			assert.Empty(t, report.mishaps)
			assert.Empty(t, describe(report.left))
			u.assertUntouched(t)
			for _, rule := range c.refuted {
				assert.Contains(t, report.String(), "\n  "+c.vendor.name+"."+rule+" (", "the summary")
				assert.Contains(t, report.patch(), c.vendor.name+"."+rule+" ", "the patch")
				assert.NotContains(t, report.patch(), rule+" assumed -> observed", "the patch")
			}
		})
	}
}

func reverse(list any) {
	if items, ok := list.([]any); ok {
		slices.Reverse(items)
	}
}

// creations and deletions are the operations by which runs make and remove most.
var creations, deletions = map[string]string{
	"junkie": junkiemock.OpCreateKey, "luaprot": luaprotmock.OpAddKey, "keygen": keygenmock.OpCreatePolicy, "keycrate": keycratemock.OpCreateLicense,
}, map[string]string{
	"junkie": junkiemock.OpDeleteKey, "luaprot": luaprotmock.OpDeleteKeys, "keygen": keygenmock.OpDeletePolicy, "keycrate": keycratemock.OpDeleteSubscription,
}

// fewProbes is a vendor of which little is asked.
func fewProbes(v *liveVendor) *liveVendor {
	few := *v
	few.probes = v.probes[:8]
	return &few
}

// Whatever goes wrong in the middle of a probe, nothing stays behind.
func TestLiveClearsUpAfterFailures(t *testing.T) {
	t.Parallel()
	for _, v := range liveVendors() {
		for name, fault := range map[string]mockserver.Fault{
			"the vendor fails":            {Op: v.name + ".*", Do: mockserver.Status(500), Skip: 20, Times: 3},
			"the answers are lost":        {Op: v.name + ".*", Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Skip: 20, Times: 5},
			"creations are lost":          {Op: creations[v.name], Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Skip: 1, Times: 4},
			"answers to them are cut":     {Op: creations[v.name], Phase: mockserver.AfterCommit, Do: mockserver.CutBody(), Skip: 1, Times: 2},
			"deletions are lost":          {Op: deletions[v.name], Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Skip: 1, Times: 3},
			"deletions fail for a moment": {Op: deletions[v.name], Do: mockserver.Status(503), Skip: 1, Times: 2},
		} {
			t.Run(v.name+": "+name, func(t *testing.T) {
				t.Parallel()
				u := newUnderstudy(t)
				hits := u.Inject(fault)
				report := u.ask(t, fewProbes(v))
				require.Equal(t, fault.Times, hits.Hits())
				assert.Empty(t, report.rules(refuted), "a failure refutes nothing")
				assert.Empty(t, report.mishaps)
				assert.Empty(t, describe(report.left))
				u.assertUntouched(t)
			})
		}
	}
}

// Of a creation that never arrived, nobody can know that. It is looked for, and
// told.
func TestLiveTellsWhatMayBeThere(t *testing.T) {
	t.Parallel()
	for _, v := range liveVendors() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			u := newUnderstudy(t)
			u.Inject(mockserver.Fault{Op: creations[v.name], Do: mockserver.ConnReset(), Times: 2})
			report := u.ask(t, fewProbes(v))
			require.Len(t, report.doubts, 2)
			for _, lost := range report.doubts {
				assert.Contains(t, lost.mark, report.run)
				assert.Regexp(t, `MAYBE THERE[^:]*:[^:]*:(.*\n)*.*`+lost.mark+`: nothing with its mark was found`, report.String())
			}
			assert.Empty(t, report.left)
			u.assertUntouched(t)
		})
	}
}

// What cannot be removed is told by its mark.
func TestLiveTellsWhatIsLeft(t *testing.T) {
	t.Parallel()
	for _, v := range liveVendors() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			few := *v
			few.probes, few.sweep = v.probes[2:3], nil
			u := newUnderstudy(t)
			for _, op := range []string{deletions[v.name], luaprotmock.OpDeleteKey, keycratemock.OpDeleteLicense} {
				u.Inject(mockserver.Fault{Op: op, Do: mockserver.Status(503)})
			}
			report := u.ask(t, &few)
			require.NotEmpty(t, report.left)
			assert.NotEqual(t, u.before, u.objects())
			there := fmt.Sprint(u.objects())
			for _, left := range report.left {
				assert.Contains(t, there, left.mark)
				assert.Contains(t, report.String(), "STILL THERE")
				assert.Contains(t, report.String(), left.mark+": removing it was answered 503")
			}
			u.assertOnlyOwn(t)
		})
	}
}

// An end from outside, such as by a signal, leaves as little behind as any other.
func TestLiveClearsUpAfterAnInterruption(t *testing.T) {
	t.Parallel()
	for _, v := range liveVendors() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var seen atomic.Int32
			u := newUnderstudy(t, func(*exchange) {
				if seen.Add(1) == 50 {
					cancel()
				}
			})
			r := newLiveRun(v, u.visit(t, v))
			r.ask(ctx)
			report := r.end()
			assert.Empty(t, report.rules(refuted))
			assert.Contains(t, report.String(), "the run was ended before: ")
			assert.Empty(t, report.left)
			u.assertUntouched(t)
		})
	}
}

// A probe that is mistaken about an answer ends, and what it made is cleared away.
func TestLiveClearsUpAfterAMistake(t *testing.T) {
	t.Parallel()
	v := junkieLive()
	v.probes = []probe{junkieProbe("mistaken", func(a junkieAsker) {
		made, _ := a.create("")
		if a.model {
			a.see("create.answer", "the answer", made.Status)
			return
		}
		_ = made.get("key.no_such_field").(float64)
	})}
	u := newUnderstudy(t)
	report := u.ask(t, v)
	require.Len(t, report.mishaps, 1)
	assert.Contains(t, report.mishaps[0], "mistaken: ")
	assert.Contains(t, report.String(), `"mistaken" ended: the probe cannot cope with an answer`)
	u.assertUntouched(t)
}

// What the run has not made is out of its reach, whatever a probe asks for.
func TestLiveHoldsBackWhatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	u := newUnderstudy(t)
	key, license := u.Junkie().Keys()[0], u.Keycrate().Licenses()[0]
	sold, policy := u.LuaProt().Keys()[0], u.Keygen().Default().Policies()[0]
	hub := "/api/v2/hubs/" + sold.HubID
	for _, v := range liveVendors() {
		visit := u.visit(t, v)
		mark := visit.estate.mark()
		for _, request := range map[string][][3]string{
			"junkie": {
				{"DELETE", keyPath(key.ID)},
				{"DELETE", "/keys/" + key.Value},
				{"PUT", keyPath(key.ID), `{"key_name": "` + mark + `"}`},
				{"PATCH", keyPath(key.ID), `{}`},
				{"POST", keyPath(key.ID) + "/reset-hwid"},
				{"POST", "/keys/bulk-delete", fmt.Sprintf(`{"keys": [%q, %d]}`, mark, key.ID)},
				{"POST", "/keys/bulk-delete", `{"keys": []}`},
				{"POST", "/keys", `{"provider_id": 2001}`},
				{"POST", "/keys/batch", `{"provider_id": 2001, "amount": 2, "key_name": "sold"}`},
			},
			"luaprot": {
				{"DELETE", "/api/v1/hubs/" + sold.HubID + "/keys/delete?key=" + sold.Value},
				{"DELETE", "/api/v1/hubs/" + sold.HubID + "/keys/delete"},
				{"PATCH", "/api/v1/hubs/" + sold.HubID + "/hwid/reset?discordId=" + alice},
				{"PATCH", hub + "/keys/update?key=" + sold.Value, `{"note": "` + mark + `"}`},
				{"PATCH", hub + "/keys/update", `{"discordId": "` + mark + `"}`},
				{"POST", "/api/v1/keys/bulk-delete", `["` + sold.Value + `"]`},
				{"POST", "/api/v1/keys/bulk-delete", `[]`},
				{"POST", hub + "/keys/add", `{}`},
				{"POST", hub + "/keys/add", `{"note": "` + mark + `", "discordId": "` + bob + `"}`},
				{"POST", hub + "/keys/generate", `{"amount": 5}`},
				{"POST", "/api/v1/hubs/" + sold.HubID + "/keys/add", `{"note": "` + mark + `"}`},
			},
			"keygen": {
				{"DELETE", "/policies/" + policy.ID},
				{"DELETE", "/policies/" + policy.ID + "/pool"},
				{"DELETE", "/keys/" + u.Keygen().Keys()[0].ID},
				{"PUT", "/keys/" + u.Keygen().Keys()[0].ID, updateDocument(`"key": "` + mark + `"`)},
				{"PATCH", "/keys/" + u.Keygen().Keys()[0].ID, updateDocument(`"key": "` + mark + `"`)},
				{"DELETE", "/licenses/" + u.Keygen().Licenses()[0].ID},
				{"POST", "/keys", newKeyDocument(mark, policy.ID)},
				{"POST", "/licenses", licenseDocument(policy.ID, `"name": "`+mark+`"`)},
				{"POST", "/products", productDocument(`"name": "` + mark + `"`)},
				{"POST", "/products/" + u.plan["keygen"]["PRODUCT_ID"] + "/tokens", `{}`},
				{"POST", "/policies", policyDocument(u.plan["keygen"]["PRODUCT_ID"], `"name": "sold"`)},
			},
			"keycrate": {
				{"POST", "/license/delete", `{"license_key": "` + license.Key + `"}`},
				{"POST", "/license/delete", `{}`},
				{"POST", "/license/delete-bulk", `{"license_keys": ["` + mark + `", "` + license.Key + `"]}`},
				{"POST", "/license/extend", `{"license_key": "` + license.Key + `", "extend_seconds": 60}`},
				{"POST", "/subscription/delete", `{"subscription_id": "` + license.SubscriptionID + `"}`},
				{"POST", "/subscription/edit", `{"subscription_id": "` + license.SubscriptionID + `", "name": "` + mark + `"}`},
				{"POST", "/hwid/edit", `{"license_key": "` + license.Key + `", "hwid": null}`},
				{"POST", "/license/create", `{"subscription_id": "` + license.SubscriptionID + `", "tags": ["` + mark + `"]}`},
				{"POST", "/subscription/create", `{"app_id": "` + u.Keycrate().AppID() + `", "name": "sold"}`},
				{"POST", "/auth", `{"app_id": "` + u.Keycrate().AppID() + `", "license": "` + license.Key + `"}`},
				{"POST", "/auth", `{"app_id": "` + u.Keycrate().AppID() + `", "username": "alice", "password": "x"}`},
				{"POST", "/register", `{"app_id": "` + u.Keycrate().AppID() + `", "license": "` + license.Key + `", "username": "` + mark + `"}`},
			},
		}[v.name] {
			before := len(u.Calls())
			_, err := visit.send(t.Context(), request[0], request[1], request[2])
			require.ErrorContains(t, err, "was held back", "%s: %s %s %s", v.name, request[0], request[1], request[2])
			assert.Len(t, u.Calls(), before, "%s: %s %s %s", v.name, request[0], request[1], request[2])
		}
		assert.NotEmpty(t, visit.mishaps, v.name)
	}
	require.Equal(t, u.before, u.objects())
}

// What the environment lacks, or has too much, is told before anything is sent.
func TestLiveRefusesAnIncompleteEnvironment(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		environ []string
		says    []string
	}{
		{[]string{"KEYSMITH_LIVE_JUNKIE_API_KEY=k"}, []string{
			"Junkie cannot be asked: set KEYSMITH_LIVE_JUNKIE_BASE_URL (the address of the API",
			"KEYSMITH_LIVE_JUNKIE_PROVIDER_ID (the id of the provider under which to make keys) as well",
		}},
		{[]string{"KEYSMITH_LIVE_LUAPROT_BASE_URL=https://luaprot.net", "KEYSMITH_LIVE_LUAPROT_API_KEY=k", "KEYSMITH_LIVE_LUAPROT_HUB_ID=7"}, []string{"set KEYSMITH_LIVE_LUAPROT_SCRIPT_ID"}},
		{[]string{"KEYSMITH_LIVE_KEYGEN_ACCOUNT=acme", "KEYSMITH_LIVE_KEYGEN_TOKEN="}, []string{"KEYSMITH_LIVE_KEYGEN_BASE_URL", "KEYSMITH_LIVE_KEYGEN_TOKEN (a token of an admin or a developer)", "KEYSMITH_LIVE_KEYGEN_PRODUCT_ID"}},
		{[]string{"KEYSMITH_LIVE_KEYCRATE_APP_ID=a", "KEYSMITH_LIVE_KEYGEN_ACCOUNT=acme"}, []string{"Keycrate cannot be asked: set KEYSMITH_LIVE_KEYCRATE_BASE_URL", "Keygen cannot be asked"}},
		{[]string{"KEYSMITH_LIVE_JUNKIE_PROVIDER=7"}, []string{"there is no variable KEYSMITH_LIVE_JUNKIE_PROVIDER"}},
		{
			[]string{"KEYSMITH_LIVE_JUNKIE_BASE_URL=http://api.jnkie.com", "KEYSMITH_LIVE_JUNKIE_API_KEY=secret-value", "KEYSMITH_LIVE_JUNKIE_PROVIDER_ID=7"},
			[]string{"Junkie cannot be asked with these variables", "BaseURL"},
		},
	} {
		_, err := livePlan(c.environ)
		for _, text := range c.says {
			assert.ErrorContains(t, err, text, "%q", c.environ)
		}
		assert.NotContains(t, fmt.Sprint(err), "secret-value")
	}
	plan, err := livePlan([]string{"PATH=/bin", "JUNKIE_API_KEY=k"})
	require.NoError(t, err)
	assert.Empty(t, plan, "nobody is asked unless the environment says so")

	_, err = throughMockserver(t.Context(), []string{"KEYSMITH_LIVE=production"})
	require.ErrorContains(t, err, "only mockserver is known")
	_, err = throughMockserver(t.Context(), []string{"KEYSMITH_LIVE=mockserver"})
	require.ErrorContains(t, err, "run the test by mockserver exec")
}

// A credential that the vendor does not take is sent once.
func TestLiveStopsAtAWrongCredential(t *testing.T) {
	t.Parallel()
	u := newUnderstudy(t)
	for _, v := range liveVendors() {
		for _, variable := range v.variables {
			if variable.secret {
				u.plan[v.name][variable.name] = "kc_0000000000000000v3"
			}
		}
		report := u.ask(t, v)
		require.Len(t, report.mishaps, 1, v.name)
		assert.Contains(t, report.mishaps[0], "nothing was asked: ")
		assert.Contains(t, report.mishaps[0], " was answered 401: ")
		assert.Empty(t, slices.Concat(report.rules(confirmed), report.rules(inPart), report.rules(refuted)))
	}
	assert.Len(t, u.Calls(), len(liveVendors()))
}

// A vendor, or a proxy, that repeats what it was sent does not get a credential
// into the report.
func TestLiveReportShowsNoCredential(t *testing.T) {
	t.Parallel()
	for _, v := range liveVendors() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			u := newUnderstudy(t, func(x *exchange) {
				if n := calls.Add(1); n%3 == 0 && x.req.Method != http.MethodDelete {
					x.resp.StatusCode = []int{500, 400, 403}[n/3%3]
					x.got = []byte(strings.ReplaceAll(fmt.Sprintf(`{"error": "%v", "message": "%v"}`, x.req.Header, x.req.Header), "\n", " "))
				}
			})
			report := u.ask(t, fewProbes(v))
			text := report.String() + report.patch() + fmt.Sprint(describe(report.left), report.mishaps, report.departures)
			secrets := v.secrets(u.plan[v.name])
			require.NotEmpty(t, secrets)
			assertHides(t, secrets, text)
			for _, secret := range secrets {
				assertHides(t, []string{base64.StdEncoding.EncodeToString([]byte("token:" + secret))}, text)
			}
			assert.Contains(t, text, "[credential]", "it has been there")
		})
	}
}

// The pace is far below the vendors' limits, on the clock and on the wire.
func TestLiveKeepsThePace(t *testing.T) {
	t.Parallel()
	for _, v := range liveVendors() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mockserver.New(mockserver.WithDocumentedRateLimits(), mockserver.WithSeedJSON([]byte(liveSeed)))
				set := v.pretend(standIn(s))
				set["BASE_URL"] = v.base
				s.Inject(mockserver.Fault{Op: creations[v.name], Do: mockserver.RateLimited(7 * time.Second), Times: 1})
				began := time.Now()
				r := newLiveRun(v, v.visit(set, newMark(), s.Client().Transport))
				r.ask(t.Context())
				report := r.end()
				assert.Empty(t, report.rules(refuted))
				assert.Empty(t, report.mishaps)
				assertAskedAll(t, report)
				t.Logf("%s takes %v", v.title, time.Since(began).Round(time.Second))
				var before time.Time
				refused := 0
				for _, call := range s.Calls() {
					assert.GreaterOrEqual(t, call.At.Sub(before), v.pause, call.String())
					before = call.At
					if call.Status == http.StatusTooManyRequests {
						refused++
					}
				}
				assert.Equal(t, 1, refused, "calls that were refused, one of them by a fault")
			})
		})
	}
}
