package keygenmock

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

// TestScenarios plays what is known of the vendor's own tests, each on a stage
// of its own, with Bearer and with Basic. The letters name operations: create,
// delete, list, show, update, key to policy, key to product, and pool.
func TestScenarios(t *testing.T) {
	t.Parallel()
	for name, play := range scenarios {
		for _, way := range []string{"Bearer", "Basic"} {
			t.Run(name+"/"+way, func(t *testing.T) {
				t.Parallel()
				play(&actor{stage: newStage(t), way: way})
			})
		}
	}
}

// actor is a stage on which every token is sent in one way.
type actor struct {
	*stage
	way string
}

func (s *actor) by(token string) worldtest.Change {
	if s.way == "Basic" {
		return with("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("token:"+token)))
	}
	return as(token)
}

func (s *actor) admin() worldtest.Change    { return s.by(defaultToken) }
func (s *actor) stranger() worldtest.Change { return s.by(s.other.Token()) }
func (s *actor) user() worldtest.Change     { return s.by(s.tokenOf(s.AddUser(User{}).ID)) }
func (s *actor) license() worldtest.Change  { return s.by(s.tokenOf(s.AddLicense(License{}).ID)) }
func (s *actor) product(k Key) worldtest.Change {
	return s.by(s.tokenOf(s.productOf(k.PolicyID)))
}
func (s *actor) productOfPolicy(p Policy) worldtest.Change { return s.by(s.tokenOf(p.ProductID)) }
func (s *actor) otherProduct() worldtest.Change {
	return s.by(s.tokenOf(s.AddProduct(Product{}).ID))
}

// refusedOnce asserts a refusal with one error, in one request of no event.
func (s *actor) refusedOnce(r response, status int) {
	s.Helper()
	require.Len(s, r.is(status).errors(), 1)
	s.noted(0, 0, 1)
}

const thirtyChars = "C1B6DE-39A6E3-DE1529-8559A0-V3"

var scenarios = map[string]func(*actor){
	"C1": func(s *actor) {
		s.SetStatus(StatusCanceled)
		s.refusedOnce(s.call("POST", "/keys", "", s.admin()), 403)
	},
	"C2": func(s *actor) {
		r := s.create(thirtyChars, s.policy(true).ID, s.admin()).is(201).has("data.attributes.key", quote(thirtyChars))
		r.signed()
		s.noted(1, 1, 1)
	},
	"C3": func(s *actor) { s.refusedOnce(s.create(thirtyChars, s.policy(false).ID, s.admin()), 422) },
	"C4": func(s *actor) { s.refusedOnce(s.create(thirtyChars, s.AddUser(User{}).ID, s.admin()), 422) },
	"C5": func(s *actor) {
		k := s.AddKey(Key{Key: thirtyChars})
		s.refusedOnce(s.create(thirtyChars, k.PolicyID, s.admin()), 422)
	},
	"C6": func(s *actor) {
		s.AddLicense(License{Key: thirtyChars})
		s.refusedOnce(s.create(thirtyChars, s.policy(true).ID, s.admin()), 422)
	},
	"C7": func(s *actor) { s.refusedOnce(s.create(s.AddLicense(License{}).ID, s.policy(true).ID, s.admin()), 422) },
	"C8": func(s *actor) {
		r := s.create("actions", s.policy(true).ID, s.admin()).is(422)
		require.Len(s, r.errors(), 2, "reserved and too short")
		s.noted(0, 0, 1)
	},
	"C9": func(s *actor) {
		s.other.AddLicense(License{Key: thirtyChars})
		s.create(thirtyChars, s.policy(true).ID, s.admin()).is(201)
		s.noted(1, 1, 1)
	},
	"C10": func(s *actor) {
		s.other.AddKey(Key{Key: thirtyChars})
		s.create(thirtyChars, s.policy(true).ID, s.admin()).is(201).has("data.attributes.key", quote(thirtyChars))
		s.noted(1, 1, 1)
	},
	"C11": func(s *actor) {
		body := fmt.Sprintf(`{"data":{"type":"keys","relationships":{"policy":{"data":{"type":"policies","id":%q}}}}}`, s.policy(true).ID)
		s.refusedOnce(s.call("POST", "/keys", body, s.admin()), 400)
	},
	"C12": func(s *actor) {
		s.refusedOnce(s.call("POST", "/keys", `{"data":{"type":"keys","attributes":{"key":"`+thirtyChars+`"}}}`, s.admin()), 400)
	},
	"C13": func(s *actor) { s.refusedOnce(s.create(thirtyChars, s.policy(true).ID, s.user()), 403) },
	"C14": func(s *actor) { s.refusedOnce(s.create(thirtyChars, s.policy(true).ID, anonymous), 401) },
	"C15": func(s *actor) { s.refusedOnce(s.create(thirtyChars, s.policy(true).ID, s.stranger()), 401) },

	"D1": func(s *actor) {
		k := s.AddKey(Key{})
		s.SetStatus(StatusCanceled)
		s.refusedOnce(s.delete("/keys/"+k.ID, s.admin()), 403)
	},
	"D2": func(s *actor) {
		r := s.delete("/keys/"+s.keys(3)[0].ID, s.admin()).is(204)
		require.Empty(s, r.Body)
		require.Empty(s, r.Header.Get("Content-Type"))
		require.Len(s, s.Keys(), 2)
		s.noted(1, 1, 1)
	},
	"D5": func(s *actor) {
		keys := s.keysOf(s.policy(true), 3)
		s.delete("/keys/"+keys[0].ID, s.product(keys[0])).is(204)
		require.Len(s, s.Keys(), 2)
		s.noted(1, 1, 1)
	},
	"D6":  func(s *actor) { s.keepsKeys(3, s.delete("/keys/"+s.keys(3)[0].ID, s.otherProduct()), 404) },
	"D7":  func(s *actor) { s.keepsKeys(3, s.delete("/keys/"+s.keys(3)[0].ID, s.license()), 404) },
	"D8":  func(s *actor) { s.keepsKeys(3, s.delete("/keys/"+s.keys(3)[0].ID, s.user()), 404) },
	"D9":  func(s *actor) { s.keepsKeys(3, s.delete("/keys/"+s.keys(3)[0].ID, anonymous), 401) },
	"D10": func(s *actor) { s.keepsKeys(3, s.delete("/keys/"+s.keys(3)[0].ID, s.stranger()), 401) },

	"L1": func(s *actor) {
		s.SetStatus(StatusCanceled)
		s.refusedOnce(s.get("/keys", s.admin()), 403)
	},
	"L2": func(s *actor) {
		keys := s.keys(3)
		s.get("/keys", s.admin()).shows(keys).has("links", "absent").signed()
		s.noted(0, 0, 1)
	},
	"L3": func(s *actor) {
		keys := s.keys(20)
		s.get("/keys?page[number]=2&page[size]=5", s.admin()).shows(keys[5:10])
		s.noted(0, 0, 1)
	},
	"L4": func(s *actor) { s.refusedOnce(s.get("/keys?page[number]=1&page[size]=250", s.admin()), 400) },
	"L5": func(s *actor) { s.refusedOnce(s.get("/keys?page[number]=1&page[size]=-250", s.admin()), 400) },
	"L6": func(s *actor) { s.refusedOnce(s.get("/keys?page[number]=-1&page[size]=10", s.admin()), 400) },
	"L7": func(s *actor) {
		keys := s.keys(19)
		s.get("/keys?page[size]=5&page[cursor]=", s.admin()).shows(keys[:5]).
			has("links", s.cursorLinks("", keys[4].ID))
	},
	"L8": func(s *actor) {
		keys := s.keys(19)
		s.get("/keys?page[size]=5&page[cursor]="+keys[4].ID, s.admin()).shows(keys[5:10]).
			has("links", s.cursorLinks(keys[4].ID, keys[9].ID))
	},
	"L9": func(s *actor) {
		keys := s.keys(19)
		s.get("/keys?page[size]=5&page[cursor]="+keys[14].ID, s.admin()).shows(keys[15:]).
			has("links", s.cursorLinks(keys[14].ID, ""))
	},
	"L10": func(s *actor) {
		keys := s.keys(20)
		s.get("/keys", s.admin()).shows(keys[:10])
		s.noted(0, 0, 1)
	},
	"L11": func(s *actor) {
		keys := s.keys(10)
		s.get("/keys?limit=5", s.admin()).shows(keys[:5])
		s.noted(0, 0, 1)
	},
	"L12": func(s *actor) {
		keys := s.keys(20)
		s.get("/keys?limit=20", s.admin()).shows(keys)
		s.noted(0, 0, 1)
	},
	"L13": func(s *actor) { s.refusedOnce(s.get("/keys?limit=900", s.admin()), 400) },
	"L14": func(s *actor) { s.refusedOnce(s.get("/keys?limit=-900", s.admin()), 400) },
	"L17": func(s *actor) {
		keys := s.keys(3)
		s.get("/keys", s.product(keys[1])).shows(keys[1:2])
		s.noted(0, 0, 1)
	},
	"L18": func(s *actor) { s.refusedOnce(s.get("/keys", s.stranger()), 401) },
	"L19": func(s *actor) { s.refusedOnce(s.get("/keys", s.license()), 403) },
	"L20": func(s *actor) { s.refusedOnce(s.get("/keys", s.user()), 403) },

	"S1": func(s *actor) {
		k := s.AddKey(Key{})
		s.SetStatus(StatusCanceled)
		s.refusedOnce(s.get("/keys/"+k.ID, s.admin()), 403)
	},
	"S2": func(s *actor) {
		k := s.AddKey(Key{})
		s.get("/keys/"+k.ID, s.admin()).is(200).has("data.id", quote(k.ID)).has("data.type", `"keys"`).signed()
		s.noted(0, 0, 1)
	},
	"S3": func(s *actor) {
		s.get("/keys/invalid", s.admin()).hidden("key", "invalid")
		s.noted(0, 0, 1)
	},
	"S4": func(s *actor) {
		k := s.AddKey(Key{})
		s.get("/keys/"+k.ID, s.admin(), with("Keygen-Environment", "isolated")).refused(400, problem{
			Title: "Bad request", Detail: "is unsupported", Code: "ENVIRONMENT_NOT_SUPPORTED", Source: &source{Header: "Keygen-Environment"},
		})
	},
	"S7": func(s *actor) {
		k := s.AddKey(Key{})
		s.get("/keys/"+k.ID, s.product(k)).is(200).has("data.id", quote(k.ID))
		s.noted(0, 0, 1)
	},
	"S8":  func(s *actor) { s.refusedOnce(s.get("/keys/"+s.AddKey(Key{}).ID, s.otherProduct()), 404) },
	"S9":  func(s *actor) { s.refusedOnce(s.get("/keys/"+s.AddKey(Key{}).ID, s.license()), 404) },
	"S10": func(s *actor) { s.refusedOnce(s.get("/keys/"+s.AddKey(Key{}).ID, s.user()), 404) },
	"S11": func(s *actor) { s.refusedOnce(s.get("/keys/"+s.AddKey(Key{}).ID, s.stranger()), 401) },

	"U1": func(s *actor) {
		k := s.AddKey(Key{})
		s.SetStatus(StatusCanceled)
		s.refusedOnce(s.call("PATCH", "/keys/"+k.ID, "", s.admin()), 403)
	},
	"U2": func(s *actor) {
		s.update(s.AddKey(Key{}), thirtyChars, s.admin()).is(200).has("data.attributes.key", quote(thirtyChars)).signed()
		s.noted(1, 1, 1)
	},
	"U3": func(s *actor) {
		k := s.AddKey(Key{})
		body := fmt.Sprintf(`{"data":{"type":"keys","relationships":{"policy":{"data":{"type":"policies","id":%q}}}}}`, s.policy(true).ID)
		s.refusedOnce(s.call("PATCH", "/keys/"+k.ID, body, s.admin()), 400)
	},
	"U4": func(s *actor) {
		s.AddLicense(License{Key: thirtyChars})
		s.refusedOnce(s.update(s.AddKey(Key{}), thirtyChars, s.admin()), 422)
	},
	"U5": func(s *actor) {
		s.other.AddLicense(License{Key: thirtyChars})
		s.update(s.AddKey(Key{}), thirtyChars, s.admin()).is(200)
		s.noted(1, 1, 1)
	},
	"U7": func(s *actor) {
		k := s.AddKey(Key{})
		s.update(k, thirtyChars, s.product(k)).is(200).has("data.attributes.key", quote(thirtyChars))
		s.noted(1, 1, 1)
	},
	"U8":  func(s *actor) { s.refusedOnce(s.update(s.AddKey(Key{}), thirtyChars, s.otherProduct()), 404) },
	"U9":  func(s *actor) { s.refusedOnce(s.update(s.AddKey(Key{}), thirtyChars, s.license()), 404) },
	"U10": func(s *actor) { s.refusedOnce(s.update(s.AddKey(Key{}), thirtyChars, s.user()), 404) },
	"U11": func(s *actor) { s.refusedOnce(s.update(s.AddKey(Key{}), thirtyChars, anonymous), 401) },
	"U12": func(s *actor) { s.refusedOnce(s.update(s.AddKey(Key{}), thirtyChars, s.stranger()), 401) },

	"P1 R1": toNeighbours(403, 1, func(s *actor, _ Key) worldtest.Change {
		s.SetStatus(StatusCanceled)
		return s.admin()
	}),
	"P2 R2": toNeighbours(200, 0, func(s *actor, _ Key) worldtest.Change { return s.admin() }),
	"P4 R4": toNeighbours(200, 0, func(s *actor, k Key) worldtest.Change { return s.product(k) }),
	"P5 R5": toNeighbours(404, 1, func(s *actor, _ Key) worldtest.Change { return s.otherProduct() }),
	"P6 R6": toNeighbours(404, 1, func(s *actor, _ Key) worldtest.Change { return s.license() }),
	"P7 R7": toNeighbours(404, 1, func(s *actor, _ Key) worldtest.Change { return s.user() }),
	"P8 R8": toNeighbours(401, 1, func(s *actor, _ Key) worldtest.Change { return s.stranger() }),

	"Q1": func(s *actor) {
		p := s.policy(true)
		s.SetStatus(StatusCanceled)
		s.get(poolOf(p), s.admin()).is(403)
	},
	"Q2": func(s *actor) {
		p := s.policy(true)
		keys := s.keysOf(p, 5)
		s.get(poolOf(p), s.admin()).shows(keys)
	},
	"Q3": func(s *actor) {
		p := s.policy(true)
		k := s.keysOf(p, 5)[4]
		s.get(poolOf(p)+"/"+k.ID, s.admin()).is(200).has("data.id", quote(k.ID))
	},
	"Q4": func(s *actor) { s.get(poolOf(s.policy(false)), s.admin()).is(200).has("data", "[]") },
	"Q5": func(s *actor) {
		k := s.AddKey(Key{})
		s.get(poolOf(s.policy(false))+"/"+k.ID, s.admin()).hidden("key", k.ID)
	},
	"Q9": func(s *actor) {
		p := s.policy(true)
		keys := s.keysOf(p, 5)
		s.keysOf(s.AddPolicy(Policy{Pooled: true, ProductID: p.ProductID}), 5)
		s.get(poolOf(p), s.productOfPolicy(p)).shows(keys)
	},
	"Q10": func(s *actor) {
		p := s.policy(true)
		s.get(poolOf(p), s.otherProduct()).hidden("policy", p.ID)
	},
	"Q11": func(s *actor) {
		p := s.policy(true)
		s.get(poolOf(p), s.license()).hidden("policy", p.ID)
	},
	"Q12": func(s *actor) {
		p := s.policy(true)
		s.get(poolOf(p), s.user()).hidden("policy", p.ID)
	},
	"Q13": func(s *actor) { s.get(poolOf(s.policy(true)), s.stranger()).is(401) },
	"Q14": func(s *actor) {
		s.AddWebhookEndpoint(WebhookEndpoint{})
		k := s.AddKey(Key{})
		s.delete(pool(k.PolicyID), s.admin()).is(200).has("data.id", quote(k.ID)).has("data.type", `"keys"`)
		require.Empty(s, s.Keys())
		s.noted(2, 1, 1)
	},
	"Q15": func(s *actor) {
		s.delete(poolOf(s.policy(true)), s.admin()).refused(422, problem{
			Title: "Unprocessable entity", Detail: "pool is empty", Source: at("/data/relationships/pool"),
		})
		s.noted(0, 0, 1)
	},
	"Q16": func(s *actor) {
		p := s.policy(false)
		s.keysOf(p, 5)
		s.delete(poolOf(p), s.admin()).refused(422, problem{
			Title: "Unprocessable entity", Detail: "pool is not supported", Source: at("/data/relationships/pool"),
		})
		require.Len(s, s.Keys(), 5)
		s.noted(0, 0, 1)
	},
	"Q21": func(s *actor) {
		p := s.policy(true)
		keys := s.keysOf(p, 2)
		s.delete(poolOf(p), s.productOfPolicy(p)).is(200).has("data.id", quote(keys[0].ID))
		s.noted(1, 1, 1)
	},
	"Q22": func(s *actor) {
		p := s.policy(true)
		s.delete(poolOf(p), s.otherProduct()).hidden("policy", p.ID)
	},
	"Q23": func(s *actor) {
		p := s.policy(true)
		s.delete(poolOf(p), s.by(s.tokenOf(s.AddLicense(License{PolicyID: p.ID}).ID))).lacks("license")
	},
	"Q24": func(s *actor) {
		p := s.policy(true)
		u := s.AddUser(User{})
		s.AddLicense(License{PolicyID: p.ID, OwnerID: u.ID})
		s.delete(poolOf(p), s.by(s.tokenOf(u.ID))).lacks("user")
	},
	"Q25": func(s *actor) { s.delete(poolOf(s.policy(true)), s.stranger()).is(401) },

	"a license from the pool": func(s *actor) {
		p := s.policy(true)
		keys := s.keysOf(p, 4)
		s.call("POST", "/licenses", newLicense(p.ID), s.admin()).is(201).has("data.attributes.key", quote(keys[0].Key))
		require.Len(s, s.Keys(), 3)
		s.noted(1, 1, 1)
	},
	"a license from an empty pool": func(s *actor) {
		s.call("POST", "/licenses", newLicense(s.policy(true).ID), s.admin()).refused(422, problem{
			Title: "Unprocessable resource", Detail: "pool is empty", Code: "POLICY_POOL_EMPTY", Source: at("/data/relationships/policy"),
			Links: &about{"https://keygen.sh/docs/api/licenses/#licenses-object-relationships-policy"},
		})
		require.Empty(s, s.Licenses())
		s.noted(0, 0, 1)
	},
}

func newLicense(policyID string) string {
	return fmt.Sprintf(`{"data":{"type":"licenses","relationships":{"policy":{"data":{"type":"policies","id":%q}}}}}`, policyID)
}

func pool(policyID string) string { return "/policies/" + policyID + "/pool" }
func poolOf(p Policy) string      { return pool(p.ID) }

func (s *actor) keepsKeys(n int, r response, status int) {
	s.Helper()
	s.refusedOnce(r, status)
	require.Len(s, s.Keys(), n)
}

// toNeighbours plays a row of both key to policy and key to product.
func toNeighbours(status, errors int, who func(*actor, Key) worldtest.Change) func(*actor) {
	return func(s *actor) {
		k := s.AddKey(Key{})
		bearer := who(s, k)
		for i, c := range []struct{ path, kind, id string }{
			{"policy", "policies", k.PolicyID},
			{"product", "products", s.productOf(k.PolicyID)},
		} {
			r := s.get("/keys/"+k.ID+"/"+c.path, bearer).is(status)
			if errors == 0 {
				r.has("data.type", quote(c.kind)).has("data.id", quote(c.id)).signed()
			} else {
				require.Len(s, r.errors(), errors)
			}
			s.noted(0, 0, i+1)
		}
	}
}

// cursorLinks are those of a page of 5, as the vendor writes them.
func (s *actor) cursorLinks(self, next string) string {
	link := func(cursor string) string {
		return quote("/v1/accounts/acme/keys?page%5Bcursor%5D=" + cursor + "&page%5Bsize%5D=5")
	}
	if next == "" {
		return `{"self":` + strings.ReplaceAll(link(self), `\u0026`, "&") + `,"next":null}`
	}
	return strings.ReplaceAll(`{"self":`+link(self)+`,"next":`+link(next)+`}`, `\u0026`, "&")
}

// Every scenario of the vendor's that needs no environments is played here.
func TestScenariosAreComplete(t *testing.T) {
	t.Parallel()
	environments := strings.Fields("C16 D3 D4 L15 L16 S5 S6 U6 P3 R3 Q6 Q7 Q8 Q17 Q18 Q19 Q20")
	played := map[string]bool{}
	for names := range scenarios {
		for name := range strings.FieldsSeq(names) {
			played[name] = true
		}
	}
	rows := 0
	for letter, n := range map[string]int{"C": 16, "D": 10, "L": 20, "S": 11, "U": 12, "P": 8, "R": 8, "Q": 25} {
		for i := range n {
			name := letter + strconv.Itoa(i+1)
			require.NotEqual(t, played[name], slices.Contains(environments, name), name)
			rows++
		}
	}
	require.Equal(t, 110, rows)
}

// signed asserts the digest, the date and the signature of the answer to a GET,
// POST, PATCH or DELETE of the default account's.
func (r response) signed() {
	r.Helper()
	require.Equal(r, digestOf(r.Body), r.Header.Get("Digest"))
	require.Equal(r, r.Header.Get("Digest"), r.Header.Get("Keygen-Digest"))
	date, err := time.Parse(time.RFC1123, r.Header.Get("Date"))
	require.NoError(r, err)
	require.WithinDuration(r, r.Now, date, time.Second)
	require.Contains(r, r.Header.Get("Keygen-Signature"), `keyid="`+defaultAccountID+`", algorithm="ed25519", signature="`)
}
