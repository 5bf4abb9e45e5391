package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/internal/keygenwire"
	"github.com/keysmith-go/keysmith/keygen"
)

func keygenLive() *liveVendor {
	return &liveVendor{
		name:  "keygen",
		title: "Keygen",
		variables: []variable{
			baseURL,
			{name: "ACCOUNT", means: "the slug or the id of the account"},
			{name: "TOKEN", means: "a token of an admin or a developer", secret: true},
			{name: "PRODUCT_ID", means: "the id of the product for which to make policies"},
			{name: "PUBLIC_KEY", means: "the account's public key for Ed25519, in hexadecimal", optional: true},
		},
		pause: time.Second,
		ops:   keygenwire.Operations(),
		base:  keygen.DefaultBaseURL,
		check: keygenCheck,
		root:  func(set liveSettings) string { return "/accounts/" + url.PathEscape(set["ACCOUNT"]) },
		greeting: func(set liveSettings) (method, path, body string) {
			return "GET", "/products/" + url.PathEscape(set["PRODUCT_ID"]), ""
		},
		deed:    keygenDeed,
		made:    keygenOwn,
		find:    keygenFind,
		removal: func(t *thing) (method, path, body string) { return "DELETE", "/" + t.kind + "/" + t.names[0], "" },
		isGone:  func(a answer) bool { return a.Status == http.StatusNotFound },
		look:    func(t *thing) (method, path, body string) { return "GET", "/" + t.kind + "/" + t.names[0], "" },
		credential: func(header http.Header, set liveSettings) {
			header.Set("Authorization", "Bearer "+set["TOKEN"])
			header.Set("Accept", jsonAPI)
		},
		pretend: func(environ func(string) string) liveSettings {
			return liveSettings{
				"BASE_URL": environ("KEYGEN_BASE_URL"), "ACCOUNT": environ("KEYGEN_ACCOUNT"), "TOKEN": environ("KEYGEN_TOKEN"),
				"PRODUCT_ID": "2b8c9d0e-4f51-4a37-9c62-7d1e0f3a5b48", "PUBLIC_KEY": environ("KEYGEN_PUBLIC_KEY"),
			}
		},
		probes:  keygenProbes(),
		unasked: keygenUnasked,
		partly:  keygenPartly,
	}
}

func keygenCheck(set liveSettings) error {
	_, err := keygen.New(keygenLiveConfig(set, nil))
	return err
}

// keygenLiveConfig is the configuration of a client.
func keygenLiveConfig(set liveSettings, client *http.Client) keygen.Config {
	return keygen.Config{
		Account: set["ACCOUNT"], Credential: keygen.Token(set["TOKEN"]), BaseURL: set["BASE_URL"], PublicKey: set["PUBLIC_KEY"], HTTPClient: client,
	}
}

// keygenDeed goes by the ids in path and document. Neither products nor tokens
// are ever made: no operation removes them.
func keygenDeed(call *liveCall) liveDeed {
	policy, others := keygenRelations(call)
	touches := append(others, call.params[1:]...)
	switch call.op.ID {
	case keygenwire.CreateKeyOp.ID:
		return liveDeed{makes: "keys", touches: append(touches, policy), also: policy}
	case keygenwire.CreateLicenseOp.ID:
		return liveDeed{makes: "licenses", touches: append(touches, policy), also: policy}
	case keygenwire.CreatePolicyOp.ID:
		return liveDeed{makes: "policies", touches: touches}
	case keygenwire.DeleteKeyOp.ID, keygenwire.DeleteLicenseOp.ID, keygenwire.DeletePolicyOp.ID:
		return liveDeed{touches: touches, removes: answer.succeeded}
	case keygenwire.UpdateKeyOp.ID, keygenwire.PopPoolOp.ID:
		return liveDeed{touches: touches}
	default:
		return liveDeed{}
	}
}

// keygenRelations are the policy that a document names, or else a name that
// nothing has, and the ids of everything else but the run's product.
func keygenRelations(call *liveCall) (policy string, others []string) {
	var document struct {
		Data struct {
			Relationships map[string]struct{ Data struct{ ID string } }
		}
	}
	_ = json.Unmarshal([]byte(call.body), &document)
	policy = anyMark.FindString(call.body)
	for name, relation := range document.Data.Relationships {
		switch id := relation.Data.ID; {
		case id == "" || strings.EqualFold(id, call.set["PRODUCT_ID"]):
		case name == "policy":
			policy = id
		default:
			others = append(others, id)
		}
	}
	return policy, others
}

func keygenOwn(_ *liveCall, a answer) []thing {
	item, _ := a.dig("data")
	if t, ok := keygenThing(item); ok {
		return []thing{t}
	}
	return nil
}

func keygenThing(item any) (t thing, ok bool) {
	object, _ := item.(map[string]any)
	id, _ := object["id"].(string)
	kind, _ := object["type"].(string)
	if id == "" || kind == "" {
		return thing{}, false
	}
	return thing{kind: kind, names: []string{id}}, true
}

// keygenFind looks for a name, or a key, that bears the mark: keys and licenses in
// their policy, policies in the product.
func keygenFind(ctx context.Context, v *visit, lost *thing) ([]thing, error) {
	filter := "policy=" + url.QueryEscape(lost.also)
	if lost.kind == "policies" {
		filter = "product=" + url.QueryEscape(v.set["PRODUCT_ID"])
	}
	var found []thing
	for page := 1; page <= mostPages; page++ {
		got, err := v.send(ctx, "GET", fmt.Sprintf("/%s?%s&page[size]=100&page[number]=%d", lost.kind, filter, page), "")
		if err != nil {
			return nil, err
		}
		if !got.succeeded() {
			return nil, fmt.Errorf("the list was answered %d", got.Status)
		}
		list := got.list("data")
		for i, item := range list {
			attributes := got.pick(fmt.Sprintf("data.%d.attributes", i), "name", "key")
			t, ok := keygenThing(item)
			key, _ := attributes["key"].(string)
			if ok && t.kind == lost.kind && (attributes["name"] == lost.mark || strings.Contains(key, lost.mark)) {
				found = append(found, t)
			}
		}
		if len(found) > 0 || len(list) < 100 {
			break
		}
	}
	return found, nil
}

// keygenAsker is an asker with what Keygen's probes have in common.
type keygenAsker struct{ *asker }

func keygenProbe(name string, ask func(keygenAsker), needs ...string) probe {
	return probe{name: name, needs: needs, ask: func(a *asker) { ask(keygenAsker{a}) }}
}

func (a keygenAsker) get(path string, headers ...string) answer {
	return a.send("GET", path, "", headers...)
}

// post sends a document, as which kind of JSON the vendor expects.
func (a keygenAsker) post(path, body string, headers ...string) answer {
	return a.send("POST", path, body, append([]string{"Content-Type: " + jsonAPI}, headers...)...)
}

func (a keygenAsker) patch(path, body string, headers ...string) answer {
	return a.send("PATCH", path, body, append([]string{"Content-Type: " + jsonAPI}, headers...)...)
}

func (a keygenAsker) remove(path string) answer { return a.send("DELETE", path, "") }

// made is the id of a new object.
func (a keygenAsker) made(got answer) string {
	id := a.staged(got).text("data.id")
	if id == "" {
		a.stop("a new object has no id")
	}
	return id
}

// newPolicy is the document of a policy with a name that nothing else has.
func (a keygenAsker) newPolicy(attributes string) string {
	return policyDocument(a.set["PRODUCT_ID"], fmt.Sprintf(`"name": %q%s`, a.estate.mark(), further(attributes)))
}

// policy makes one that is not pooled, and pool one that is.
func (a keygenAsker) policy(attributes string) string {
	return a.made(a.post("/policies", a.newPolicy(attributes)))
}
func (a keygenAsker) pool() string { return a.policy(`"usePool": true`) }

// key puts a key into a pool.
func (a keygenAsker) key(policy string) (id, text string) {
	text = a.estate.mark()
	return a.made(a.post("/keys", newKeyDocument(text, policy))), text
}

// newLicense is the document of a license with a name that nothing else has.
func (a keygenAsker) newLicense(policy, attributes string, relations ...string) string {
	return licenseDocument(policy, fmt.Sprintf(`"name": %q%s`, a.estate.mark(), further(attributes)), relations...)
}

func (a keygenAsker) license(policy, attributes string) answer {
	return a.post("/licenses", a.newLicense(policy, attributes))
}

// refusal is how an error is worded: its status, and code and place of each
// error object, with its words where it has no code.
func (a keygenAsker) refusal(got answer) []any {
	said := []any{got.Status}
	for i := range got.list("errors") {
		at := fmt.Sprintf("errors.%d", i)
		words := got.get(at + ".code")
		if words == notThere {
			words = got.get(at + ".detail")
		}
		said = append(said, words, got.get(at+".source"))
	}
	return said
}

// ids are those of a list.
func (a keygenAsker) ids(got answer) []string { return got.texts("data", "id") }
