package keycratemock

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestListsOfACrowd asks for all kinds of lists among so many licenses that lists use
// indexes, while licenses change, and compares them with a look at every license.
func TestListsOfACrowd(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	draw := rand.New(rand.NewPCG(5, 6))
	subs := []string{s.world.AddSubscription(Subscription{Name: "one", SingleKeyPerHWID: true}).ID, s.world.AddSubscription(Subscription{Name: "two"}).ID}
	number := 0
	add := func() {
		number++
		l := License{Key: fmt.Sprintf("K%04d-%04x", number, draw.IntN(1<<16)), SubscriptionID: subs[draw.IntN(2)], HWIDLock: draw.IntN(2) == 0}
		switch draw.IntN(5) {
		case 0:
			l.ActivatedAt = s.Now.Add(-time.Duration(draw.IntN(50)) * time.Hour)
		case 1:
			l.Status = StatusPaused
		case 2:
			l.Tags = []string{"a", "b", "a"}[:1+draw.IntN(3)]
		case 3:
			l.Username = fmt.Sprintf("user-%04d", number)
		case 4:
			l.CreatedAt = s.Now.Add(-time.Duration(draw.IntN(50)) * time.Hour)
		}
		s.world.AddLicense(l)
	}
	for range 2100 {
		add()
	}
	for range 120 {
		all := s.world.Licenses()
		switch l := all[draw.IntN(len(all))]; draw.IntN(5) {
		case 0:
			add()
		case 1:
			s.post("license/delete", `{"license_key": "`+l.Key+`"}`).ok()
		case 2:
			s.world.Auth(l.Key, fmt.Sprint("pc-", draw.IntN(9)))
		case 3:
			s.post("license/update-status", fmt.Sprintf(`{"license_key": %q, "status": %q}`, l.Key, []string{StatusActive, StatusPaused}[draw.IntN(2)]))
		case 4:
			s.Advance(time.Duration(draw.IntN(20)-5) * time.Hour)
		}
		fields, want := "", s.world.Licenses()
		ask := func(field, value string, holds func(License) bool) {
			if draw.IntN(4) == 0 {
				fields += fmt.Sprintf(`, %q: %s`, field, value)
				want = slices.DeleteFunc(want, func(l License) bool { return !holds(l) })
			}
		}
		status, sub, part := []string{StatusActive, StatusPaused}[draw.IntN(2)], subs[draw.IntN(2)], []string{"K00", "-a", "ser-1", "-0", "k00", "user-0"}[draw.IntN(6)]
		ask("status", fmt.Sprintf("%q", status), func(l License) bool { return l.Status == status })
		ask("subscription_id", fmt.Sprintf("%q", sub), func(l License) bool { return l.SubscriptionID == sub })
		ask("tags", `["a"]`, func(l License) bool { return slices.Contains(l.Tags, "a") })
		ask("search", fmt.Sprintf("%q", part), func(l License) bool {
			return strings.Contains(l.Key, part) || strings.Contains(l.Username, part)
		})
		field, descending := sortFields[draw.IntN(len(sortFields))], draw.IntN(2) == 0
		slices.SortFunc(want, func(a, b License) int { return compareAsTexts(a, b, field, descending) })
		page := draw.IntN(3)
		first := min(len(want), page*9)
		keys := []string{}
		for _, l := range want[first:min(first+9, len(want))] {
			keys = append(keys, l.Key)
		}
		fields += fmt.Sprintf(`, "sort_field": %q, "sort_order": %q, "per_page": 9, "page": %d`, field, map[bool]string{true: "desc", false: "asc"}[descending], page+1)
		r := s.list(fields).has("total", fmt.Sprint(len(want)))
		require.Equal(t, keys, append([]string{}, r.keys()...), fields)
	}
}

// compareAsTexts sorts by what a list shows: nulls last, then by key.
func compareAsTexts(a, b License, field string, descending bool) int {
	text := func(l License) string {
		at, isTime := map[string]time.Time{sortCreated: l.CreatedAt, sortExpires: l.ExpiresAt, sortActivated: l.ActivatedAt}[field]
		switch {
		case isTime && at.IsZero():
			return "~" // after all times, and before them when that is turned round
		case isTime:
			return timestamp(at)
		case field == sortKey:
			return l.Key
		}
		return l.Status
	}
	x, y := text(a), text(b)
	order := strings.Compare(x, y)
	if descending && x != "~" && y != "~" {
		order = -order
	}
	return cmp.Or(order, strings.Compare(a.Key, b.Key))
}
