package keycratemock

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// list asks for licenses of the first app; fields begin with a comma or are
// empty.
func (s *stage) list(fields string) response {
	return s.post("license/get-bulk", `{"app_id": "@app"`+fields+`}`)
}

// fill adds licenses K000, K001, ... each a minute younger than the last.
func (s *stage) fill(n int) {
	for i := range n {
		s.seed(fmt.Sprintf("K%03d", i), License{CreatedAt: t0.Add(time.Duration(i) * time.Minute)})
	}
}

var listProofs = proofs{
	ruleListAnswer: func(s *stage) {
		s.fill(3)
		s.list("").lists("K002", "K001", "K000")
		one := s.post("license/get", `{"license_key": "K001"}`)
		s.list("").has("data.1", one.Raw("data"))
	},
	ruleListCounters: func(s *stage) {
		s.list("").lists().has("data", "[]").has("total", "0").has("page", "1").has("per_page", "50").has("total_pages", "0")
		s.fill(7)
		s.list(`, "per_page": 3, "page": 2`).lists("K003", "K002", "K001").
			has("total", "7").has("page", "2").has("per_page", "3").has("total_pages", "3")
		s.list(`, "per_page": 7`).has("total_pages", "1")
	},
	ruleListApp: func(s *stage) {
		s.seed("here", License{})
		there := s.world.AddSubscription(Subscription{AppID: s.world.AddApp("other").ID})
		s.seed("there", License{SubscriptionID: there.ID})
		s.list("").lists("here").has("total", "1")
		s.post("license/get-bulk", `{"app_id": "`+there.AppID+`"}`).lists("there")
	},
	ruleListPerPage: func(s *stage) {
		s.fill(120)
		assert.Len(s, s.list("").keys(), 50)
		assert.Len(s, s.list(`, "per_page": 100`).keys(), 100)
		assert.Len(s, s.list(`, "per_page": 1`).keys(), 1)
		s.boundary("per_page", nil, []string{"0", "-1", "101"}, "license/get-bulk")
	},
	ruleListPage: func(s *stage) {
		s.fill(5)
		s.list(`, "per_page": 2`).lists("K004", "K003").has("page", "1")
		s.list(`, "per_page": 2, "page": 1`).lists("K004", "K003")
		s.list(`, "per_page": 2, "page": 3`).lists("K000")
		s.boundary("page", nil, []string{"0", "-1"}, "license/get-bulk")
	},
	ruleListPastEnd: func(s *stage) {
		s.fill(5)
		for _, page := range []string{"4", "9223372036854775807"} {
			s.list(`, "per_page": 2, "page": `+page).lists().has("data", "[]").has("total", "5").has("total_pages", "3").has("page", page)
		}
	},
	ruleListStatus: func(s *stage) {
		s.seed("A", License{})
		s.seed("P", License{Status: StatusPaused})
		s.list(`, "status": "active"`).lists("A").has("total", "1")
		s.list(`, "status": "paused"`).lists("P")
		s.list(`, "sort_field": "key"`).lists("P", "A")
	},
	ruleListStatusValues: func(s *stage) {
		s.boundary("status", nil, []string{`"expired"`, `"unused"`, `"ACTIVE"`, `""`}, "license/get-bulk")
	},
	ruleListStored: func(s *stage) {
		s.seed("E", License{ExpiresAt: t0})
		s.login("E", "pc").told(403, CodeLicenseExpired)
		s.list(`, "status": "active"`).lists("E").has("data.0.status", `"active"`)
	},
	ruleListSubscription: func(s *stage) {
		pro := s.world.AddSubscription(Subscription{Name: "pro"})
		s.seed("basic", License{SubscriptionID: s.sub.ID})
		s.seed("pro", License{SubscriptionID: pro.ID})
		s.list(`, "subscription_id": "` + pro.ID + `"`).lists("pro")
		s.list(`, "subscription_id": "` + noUUID + `"`).lists()
	},
	ruleListTags: func(s *stage) {
		s.seed("ab", License{Tags: []string{"a", "b"}})
		s.seed("a", License{Tags: []string{"a"}})
		s.seed("none", License{})
		s.list(`, "sort_order": "asc", "tags": ["a"]`).lists("a", "ab")
		s.list(`, "tags": ["b", "a"]`).lists("ab")
		s.list(`, "tags": ["A"]`).lists()
		s.list(`, "sort_order": "asc", "tags": []`).lists("a", "ab", "none")
	},
	ruleListSearch: func(s *stage) {
		s.seed("SHOP-1", License{Username: "alice"})
		s.seed("SHOP-2", License{Username: "bob"})
		s.list(`, "search": "OP-1"`).lists("SHOP-1")
		s.list(`, "search": "ob"`).lists("SHOP-2")
		s.list(`, "search": "shop"`).lists()
		s.list(`, "search": "", "sort_order": "asc"`).lists("SHOP-1", "SHOP-2")
		s.list(`, "search": "SHOP", "status": "paused"`).lists()
	},
	ruleSortCreated: func(s *stage) {
		s.fill(3)
		s.list(`, "sort_field": "created_at", "sort_order": "desc"`).lists("K002", "K001", "K000")
		s.list(`, "sort_field": "created_at", "sort_order": "asc"`).lists("K000", "K001", "K002")
	},
	ruleSortFields: func(s *stage) {
		s.seed("A", week(License{ActivatedAt: t0.Add(-time.Hour), CreatedAt: t0.Add(3 * time.Hour)}))
		s.seed("B", week(License{ActivatedAt: t0.Add(-2 * time.Hour), ExpiresAt: t0.Add(30 * day), Status: StatusPaused, CreatedAt: t0}))
		s.seed("C", week(License{ActivatedAt: t0.Add(-3 * time.Hour), ExpiresAt: t0.Add(20 * day), CreatedAt: t0.Add(2 * time.Hour)}))
		for field, want := range map[string][]string{
			"":             {"B", "C", "A"},
			"created_at":   {"B", "C", "A"},
			"expires_at":   {"A", "C", "B"},
			"activated_at": {"C", "B", "A"},
			"key":          {"A", "B", "C"},
			"status":       {"A", "C", "B"},
		} {
			if field != "" {
				field = `, "sort_field": "` + field + `"`
			}
			s.list(field + `, "sort_order": "asc"`).lists(want...)
		}
		s.boundary("sort_field", nil, []string{`"updated_at"`, `"Key"`, `""`, `"username"`}, "license/get-bulk")
	},
	ruleSortOrder: func(s *stage) {
		s.fill(2)
		s.list("").lists("K001", "K000")
		s.list(`, "sort_field": "key"`).lists("K001", "K000")
		s.list(`, "sort_field": "key", "sort_order": "asc"`).lists("K000", "K001")
		s.boundary("sort_order", nil, []string{`"ASC"`, `"up"`, `""`}, "license/get-bulk")
	},
	ruleListTies: func(s *stage) {
		s.seed("lifetime", License{})
		s.seed("unused", week(License{}))
		s.seed("early", License{ExpiresAt: t0.Add(time.Hour), CreatedAt: t0})
		s.seed("late", License{ExpiresAt: t0.Add(2 * time.Hour), CreatedAt: t0})
		s.seed("also", License{ExpiresAt: t0.Add(2 * time.Hour), CreatedAt: t0})
		s.list(`, "sort_field": "expires_at", "sort_order": "asc"`).lists("early", "also", "late", "lifetime", "unused")
		s.list(`, "sort_field": "expires_at", "sort_order": "desc"`).lists("also", "late", "early", "lifetime", "unused")
		for _, order := range []string{"asc", "desc"} {
			s.list(`, "sort_order": "`+order+`"`).lists("also", "early", "late", "lifetime", "unused") // all of one moment
		}
	},
}

// TestPagesAreStable reads a list of equals page by page: each comes once.
func TestPagesAreStable(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.post("license/create-bulk", `{"app_id": "@app", "subscription_id": "@sub", "duration_unit": "lifetime", "key_amount": 95}`).ok()
	seen := map[string]bool{}
	for page := 1; ; page++ {
		keys := s.list(fmt.Sprintf(`, "per_page": 10, "page": %d`, page)).ok().keys()
		for _, key := range keys {
			assert.False(t, seen[key])
			seen[key] = true
		}
		if len(keys) < 10 {
			break
		}
	}
	assert.Len(t, seen, 95)
}
