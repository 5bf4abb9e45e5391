package keygenmock

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestListsOfACrowd asks for all kinds of lists among so many keys and licenses that
// lists use indexes, while these change, and compares them with a look at every one.
func TestListsOfACrowd(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	draw := rand.New(rand.NewPCG(5, 6))
	products := []string{s.AddProduct(Product{}).ID, s.AddProduct(Product{}).ID}
	users := []string{s.AddUser(User{}).ID, s.AddUser(User{}).ID, ""}
	var policies []Policy
	for n := range 4 {
		policies = append(policies, s.AddPolicy(Policy{ProductID: products[n/3], Pooled: n%2 == 0}))
	}
	add := func() {
		p, at := policies[draw.IntN(len(policies))].ID, time.Time{}
		if draw.IntN(9) == 0 {
			at = t0.Add(-time.Duration(draw.IntN(20)) * time.Hour) // of one moment with others
		}
		s.AddKey(Key{PolicyID: p, Created: at})
		s.AddLicense(License{PolicyID: p, Created: at, OwnerID: users[draw.IntN(3)]})
	}
	for range 2100 {
		add()
	}
	tokens := map[string]string{"": s.Token(), products[0]: s.tokenOf(products[0]), users[0]: s.tokenOf(users[0])}
	productOf := map[string]string{}
	for _, p := range policies {
		productOf[p.ID] = p.ProductID
	}
	for range 120 {
		licenses, keys := s.Licenses(), s.Keys()
		switch draw.IntN(4) {
		case 0:
			add()
		case 1:
			s.delete("/licenses/" + licenses[draw.IntN(len(licenses))].ID).is(204)
		case 2:
			s.delete("/keys/" + keys[draw.IntN(len(keys))].ID).is(204)
		case 3:
			s.delete("/policies/" + policies[2*draw.IntN(2)].ID + "/pool")
		}
		bearer := []string{"", products[0], users[0]}[draw.IntN(3)]
		policy, product, owner := policies[draw.IntN(4)].ID, products[draw.IntN(2)], users[draw.IntN(2)]
		query := ""
		chosen := func(parameter, value string) bool {
			if draw.IntN(3) > 0 {
				return false
			}
			query += "&" + parameter + "=" + value
			return true
		}
		byPolicy, byProduct, byOwner := chosen("policy", policy), chosen("product", product), false
		fits := func(policyID string) bool {
			return (!byPolicy || policyID == policy) && (!byProduct || productOf[policyID] == product) && (bearer != products[0] || productOf[policyID] == bearer)
		}
		var want []listed
		path := "/licenses"
		if bearer != users[0] && draw.IntN(2) == 0 {
			path = "/keys"
			for _, k := range s.Keys() {
				if fits(k.PolicyID) {
					want = append(want, listed{k.ID, k.Created})
				}
			}
		} else {
			byOwner = chosen("owner", owner)
			for _, l := range s.Licenses() {
				if fits(l.PolicyID) && (!byOwner || l.OwnerID == owner) && (bearer != users[0] || l.OwnerID == bearer) {
					want = append(want, listed{l.ID, l.Created})
				}
			}
		}
		s.listsAsPages(path, query, tokens[bearer], want, draw)
	}
}

// listed is what decides where a row of a list is.
type listed struct {
	id      string
	created time.Time
}

// listsAsPages asserts pages of a list, of which all rows are given, oldest first.
func (s *stage) listsAsPages(path, query, token string, want []listed, draw *rand.Rand) {
	s.Helper()
	turned := draw.IntN(2) == 0
	if turned {
		query += "&order=asc"
	} else {
		slices.Reverse(want)
	}
	page := draw.IntN(3)
	first := min(len(want), page*7)
	r := s.get(path+fmt.Sprintf("?page[number]=%d&page[size]=7%s", page+1, query), as(token)).is(200)
	require.Equal(s, idsOf(want[first:min(first+7, len(want))]), append([]string{}, r.ids()...), query)
	r.has("links.meta.count", fmt.Sprint(len(want)))

	slices.SortFunc(want, func(a, b listed) int {
		order := cmp.Or(a.created.Compare(b.created), cmp.Compare(a.id, b.id))
		if !turned {
			order = -order
		}
		return order
	})
	cursor, rest := "", want
	if len(want) > 0 && draw.IntN(3) > 0 {
		at := draw.IntN(len(want))
		cursor, rest = want[at].id, want[at+1:]
	}
	r = s.get(path+"?page[cursor]="+cursor+"&page[size]=7"+query, as(token)).is(200)
	require.Equal(s, idsOf(rest[:min(7, len(rest))]), append([]string{}, r.ids()...), query)
}

func idsOf(rows []listed) []string {
	ids := []string{}
	for _, row := range rows {
		ids = append(ids, row.id)
	}
	return ids
}
