package conformance

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/internal/luaprotwire"
	"github.com/keysmith-go/keysmith/luaprot"
)

func luaprotLive() *liveVendor {
	return &liveVendor{
		name:  "luaprot",
		title: "LuaProt",
		variables: []variable{
			baseURL,
			{name: "API_KEY", means: "an API key, used from an address that the dashboard lists", secret: true},
			{name: "HUB_ID", means: "the id of the hub in which to make keys"},
			{name: "SCRIPT_ID", means: "the id of a script of that hub"},
			{name: "OTHER_HUB_ID", means: "the id of a second hub", optional: true},
		},
		pause: 1200 * time.Millisecond, // 50 in a minute and 9 in ten seconds; the vendor allows 60 and 20
		ops:   luaprotwire.Operations(),
		base:  luaprot.DefaultBaseURL,
		check: func(set liveSettings) error {
			_, err := luaprot.New(luaprot.Config{APIKey: set["API_KEY"], BaseURL: set["BASE_URL"]})
			return err
		},
		root: func(liveSettings) string { return "" },
		credential: func(header http.Header, set liveSettings) {
			header.Set("Authorization", set["API_KEY"])
			header.Set("Content-Type", "application/json")
		},
		greeting: func(set liveSettings) (method, path, body string) {
			return "GET", "/api/v1/keys/fetch?hub=" + url.QueryEscape(set["HUB_ID"]), ""
		},
		deed: luaprotDeed,
		made: luaprotMade,
		find: luaprotFind,
		removal: func(t *thing) (method, path, body string) {
			return "DELETE", "/api/v1/hubs/" + t.also + "/keys/delete?key=" + url.QueryEscape(t.names[0]), ""
		},
		look: func(t *thing) (method, path, body string) {
			return "GET", "/api/v1/hubs/" + t.also + "/keys/info?key=" + url.QueryEscape(t.names[0]), ""
		},
		sweep: func(things []*thing) (method, path, body string) {
			var keys []string
			for _, t := range things {
				keys = append(keys, quoted(t.names[0]))
			}
			return "POST", "/api/v1/keys/bulk-delete", "[" + strings.Join(keys, ", ") + "]"
		},
		isGone: func(a answer) bool {
			return a.Status == http.StatusNotFound || a.Status == http.StatusBadRequest && strings.Contains(a.text("message"), "could not be found")
		},
		pretend: func(environ func(string) string) liveSettings {
			return liveSettings{
				"BASE_URL": environ("LUAPROT_BASE_URL"), "API_KEY": environ("LUAPROT_API_KEY"), "HUB_ID": "40511091490620200512",
				"SCRIPT_ID": "50511091490620200512", "OTHER_HUB_ID": "40511091490620200513",
			}
		},
		probes:  luaprotProbes(),
		unasked: luaprotUnasked,
		partly:  luaprotPartly,
	}
}

func luaprotDeed(call *liveCall) liveDeed {
	named := append(call.query["key"], call.query["discordId"]...)
	switch call.op.ID {
	case luaprotwire.AddKeyOp.ID, luaprotwire.GenerateKeysOp.ID:
		return liveDeed{makes: "key", touches: discordIn(call.body), also: call.params[0]}
	case luaprotwire.DeleteKeysOp.ID:
		return liveDeed{touches: scalars(call.body), removes: answer.succeeded}
	case luaprotwire.DeleteKeyOp.ID:
		return liveDeed{touches: named, removes: answer.succeeded}
	case luaprotwire.UpdateKeyOp.ID:
		if len(named) == 0 { // which the body cannot make up for
			return liveDeed{}
		}
		return liveDeed{touches: append(named, discordIn(call.body)...)}
	default:
		return liveDeed{touches: named}
	}
}

// discordIn are the Discord users that a body names, to whom a key would belong.
func discordIn(body string) []string {
	var fields struct{ DiscordID string }
	if json.Unmarshal([]byte(body), &fields) != nil || fields.DiscordID == "" {
		return nil
	}
	return []string{fields.DiscordID}
}

func luaprotMade(call *liveCall, a answer) []thing {
	var values []string
	if call.op.ID == luaprotwire.GenerateKeysOp.ID {
		for _, value := range a.list("keys") {
			values = append(values, fmt.Sprint(value))
		}
	} else if value := a.text("key.key"); value != "" {
		values = append(values, value)
	}
	var made []thing
	for _, value := range values {
		made = append(made, thing{kind: "key", names: []string{value}, also: call.params[0]})
	}
	return made
}

// mostUnassigned is how many pages the unassigned keys of a hub can fill.
const mostUnassigned = 300 / 25

// luaprotFind looks through the keys of a hub, as no filter knows notes: those
// without a user first, of which there can be few, and then the newest.
func luaprotFind(ctx context.Context, v *visit, lost *thing) ([]thing, error) {
	var found []thing
	for _, filter := range []struct {
		query string
		pages int
	}{{"&unassigned=true", mostUnassigned}, {"", mostPages}} {
		for page := 1; page <= filter.pages; page++ {
			got, err := v.send(ctx, "GET", fmt.Sprintf("/api/v1/keys/fetch?hub=%s%s&page=%d", url.QueryEscape(lost.also), filter.query, page), "")
			if err != nil {
				return nil, err
			}
			if !got.succeeded() {
				return nil, fmt.Errorf("the list was answered %d", got.Status)
			}
			for i := range got.list("keys") {
				key := got.pick(fmt.Sprintf("keys.%d", i), "key", "note")
				if key["note"] == lost.mark {
					found = append(found, thing{kind: "key", names: []string{fmt.Sprint(key["key"])}, also: lost.also})
				}
			}
			if last, _ := got.get("totalPages").(float64); page >= int(last) {
				break
			}
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	return nil, nil
}

// luaprotAsker is an asker with what LuaProt's probes have in common.
type luaprotAsker struct{ *asker }

func luaprotProbe(name string, ask func(luaprotAsker), needs ...string) probe {
	return probe{name: name, needs: needs, ask: func(a *asker) { ask(luaprotAsker{a}) }}
}

// discord is a Discord user whom there will not be before the year 2083: the
// leading digits of the ids count the time.
func (a luaprotAsker) discord() string {
	n, _ := rand.Int(rand.Reader, big.NewInt(1e17))
	return a.estate.invent(fmt.Sprintf("90%017d", n))
}

// v1 and v2 are paths of the hub.
func (a luaprotAsker) v1(path string) string { return "/api/v1/hubs/" + a.set["HUB_ID"] + path }
func (a luaprotAsker) v2(path string) string { return "/api/v2/hubs/" + a.set["HUB_ID"] + path }

// body is that of a creation, with a note that nothing else has and further fields.
func (a luaprotAsker) body(fields string) string {
	return fmt.Sprintf(`{"note": %q%s}`, a.estate.mark(), further(fields))
}

// add makes a key.
func (a luaprotAsker) add(fields string) (made answer, key string) {
	made = a.stage("POST", a.v2("/keys/add"), a.body(fields))
	if key = made.text("key.key"); key == "" {
		a.stop("a new key has no text")
	}
	return made, key
}

func (a luaprotAsker) tryAdd(fields string) answer {
	return a.send("POST", a.v2("/keys/add"), a.body(fields))
}

func (a luaprotAsker) tryGenerate(fields string) answer {
	return a.send("POST", a.v2("/keys/generate"), a.body(fields))
}

func (a luaprotAsker) info(lookup string) answer {
	return a.send("GET", a.v1("/keys/info?"+lookup), "")
}

// now is the key as it is.
func (a luaprotAsker) now(key string) answer {
	return a.stage("GET", a.v1("/keys/info?key="+key), "")
}

func (a luaprotAsker) update(lookup, body string) answer {
	return a.send("PATCH", a.v2("/keys/update?"+lookup), body)
}

func (a luaprotAsker) reset(lookup string, body string) answer {
	return a.send("PATCH", a.v1("/hwid/reset?"+lookup), body)
}

func (a luaprotAsker) fetch(query string) answer {
	return a.send("GET", "/api/v1/keys/fetch?hub="+a.set["HUB_ID"]+query, "")
}

// refusal is how an error is worded: its status and its message.
func (a luaprotAsker) refusal(got answer) []any { return []any{got.Status, got.get("message")} }
