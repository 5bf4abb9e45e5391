package junkie

import (
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// Documented bounds.
const (
	maxText      = 255 // characters of a name or a hardware id
	maxLimit     = 100 // keys on a page
	maxAmount    = 100 // keys of one batch
	maxHWIDLimit = 100
	maxBulk      = 1000 // references of one bulk delete
	minDiscordID = 17   // digits
	maxDiscordID = 19
)

// faults collects everything that is wrong with the arguments of one call. The
// texts never show key values and hardware ids.
type faults struct{ transport.Faults }

// required wants an id of something that must exist.
func (f *faults) required(field string, id int64) {
	if id < 1 {
		f.Add(field, "%d is no id: one of at least 1 is required", id)
	}
}

// optional wants an id, or 0 for none.
func (f *faults) optional(field string, id int64) {
	if id < 0 {
		f.Add(field, "%d is no id: ids start at 1, and 0 means that it is not set", id)
	}
}

// text wants something the vendor can store.
func (f *faults) text(field, s string) {
	if n := utf8.RuneCountInString(s); f.UTF8(field, s) && n > maxText {
		f.Add(field, "%d characters are more than the %d allowed", n, maxText)
	}
}

// hwids wants devices that the vendor would not silently drop.
func (f *faults) hwids(field string, values []string) {
	for i, value := range values {
		name := fmt.Sprintf("%s[%d]", field, i)
		if value == "" {
			f.Add(name, "an empty hardware id binds nothing")
			continue
		}
		f.text(name, value)
	}
}

func (f *faults) discordID(field, id string) {
	if n := len(id); n < minDiscordID || n > maxDiscordID || !isDigits(id) {
		f.Add(field, "%s is no Discord user id, which has %d to %d digits and nothing else",
			transport.Quote(id), minDiscordID, maxDiscordID)
	}
}

func (f *faults) minutes(field string, d time.Duration) {
	switch {
	case d < 0:
		f.Add(field, "%v is negative", d)
	case d%time.Minute != 0:
		f.Add(field, "%v is not a whole number of minutes, which the vendor counts in", d)
	}
}

// timestamp wants a time that can be meant. What is before 1970 comes of
// reckoning with a zero time, such as the ExpiresAt of a key that never expires.
func (f *faults) timestamp(field string, t time.Time) {
	if year := t.UTC().Year(); year < 1970 || year > 9999 {
		f.Add(field, "a time in the year %d cannot be meant: times from 1970 to 9999 are sent", year)
	}
}

// filter is timestamp for a condition, where the zero time means none.
func (f *faults) filter(field string, t time.Time) {
	if !t.IsZero() {
		f.timestamp(field, t)
	}
}

// segment wants a reference that can be part of a path, and returns it.
func (f *faults) segment(ref KeyRef) string {
	segment, err := ref.segment()
	if err != nil {
		f.Add("ref", "%v", err)
	}
	return segment
}

func (p *ListKeysParams) check() faults {
	var f faults
	if p.Page < 0 {
		f.Add("Page", "%d is no page: pages start at 1, and 0 means the first", p.Page)
	}
	if p.Limit != 0 {
		f.Between("Limit", p.Limit, 1, maxLimit)
	}
	f.UTF8("ValueContains", p.ValueContains)
	f.UTF8("HWIDContains", p.HWIDContains)
	f.UTF8("DiscordID", p.DiscordID)
	f.optional("ServiceID", p.ServiceID)
	f.optional("ProviderID", p.ProviderID)
	f.optional("FolderID", p.FolderID)
	switch p.Status {
	case "", StatusActive, StatusUsed, StatusExpired, StatusInvalidated:
	default:
		// A filter that the vendor does not know might be ignored, and lists
		// feed deletions: better no list than the list of all keys.
		f.Add("Status", "%s is none of active, used, expired and invalidated", transport.Quote(string(p.Status)))
	}
	f.filter("ExpiresBefore", p.ExpiresBefore)
	f.filter("ExpiresAfter", p.ExpiresAfter)
	return f
}

func (p *CreateKeyParams) check() faults {
	var f faults
	f.required("ProviderID", p.ProviderID)
	f.optional("ServiceID", p.ServiceID)
	f.optional("FolderID", p.FolderID)
	f.text("Name", p.Name)
	if p.DiscordID != "" {
		f.discordID("DiscordID", p.DiscordID)
	}
	f.minutes("Validity", p.Validity)
	f.Between("HWIDLimit", p.HWIDLimit, 0, maxHWIDLimit)
	f.hwids("HWIDs", p.HWIDs)
	return f
}

func (p *CreateBatchParams) check() faults {
	var f faults
	f.Between("Amount", p.Amount, 1, maxAmount)
	f.required("ProviderID", p.ProviderID)
	f.optional("ServiceID", p.ServiceID)
	f.optional("FolderID", p.FolderID)
	f.text("Name", p.Name)
	if p.DiscordID != "" {
		f.discordID("DiscordID", p.DiscordID)
	}
	f.minutes("Validity", p.Validity)
	f.Between("HWIDLimit", p.HWIDLimit, 0, maxHWIDLimit)
	f.text("HWID", p.HWID)
	return f
}

func (p *UpdateKeyParams) check() faults {
	var f faults
	if name, ok := p.Name.Get(); ok {
		f.text("Name", name)
	}
	if id, ok := p.FolderID.Get(); ok && id < 1 {
		f.Add("FolderID", "%d is no id: ids start at 1, and Null means no folder", id)
	}
	if id, ok := p.DiscordID.Get(); ok {
		f.discordID("DiscordID", id)
	}
	if validity, ok := p.Validity.Get(); ok {
		f.minutes("Validity", validity)
	}
	if at, ok := p.ExpiresAt.Get(); ok {
		if at.IsZero() {
			f.Add("ExpiresAt", "the zero time is no expiry: use Null for a key that never expires")
		} else {
			f.timestamp("ExpiresAt", at)
		}
	}
	if limit, ok := p.HWIDLimit.Get(); ok {
		f.Between("HWIDLimit", limit, 0, maxHWIDLimit)
	}
	hwids, _ := p.HWIDs.Get()
	f.hwids("HWIDs", hwids)
	f.NotNull("HWIDs", p.HWIDs)
	f.NotNull("ExpiryOnFirstUse", p.ExpiryOnFirstUse)
	f.NotNull("Premium", p.Premium)
	f.NotNull("OneTimeUse", p.OneTimeUse)
	f.NotNull("Invalidated", p.Invalidated)
	f.NotNull("NoHWID", p.NoHWID)
	return f
}

// checkBulk checks the references of one bulk delete.
func checkBulk(refs []KeyRef) faults {
	var f faults
	switch n := len(refs); {
	case n == 0:
		f.Add("refs", "no references: 1 to %d are required", maxBulk)
	case n > maxBulk:
		f.Add("refs", "%d references are more than the %d allowed in one call: split them", n, maxBulk)
	}
	for i, ref := range refs {
		if err := ref.check(); err != nil {
			f.Add(fmt.Sprintf("refs[%d]", i), "%v", err)
		}
	}
	return f
}
