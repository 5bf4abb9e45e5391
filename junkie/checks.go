package junkie

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
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

// faults collects everything that is wrong with the arguments of one call, so
// that all of it is reported together. The texts name the field, the value
// and the bound, but never show key values and hardware ids.
type faults []FieldError

func (f *faults) add(field, format string, args ...any) {
	*f = append(*f, FieldError{Field: field, Message: fmt.Sprintf(format, args...)})
}

// err is nil if nothing is wrong.
func (f faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// Error lists the faults in one line, which it keeps to a readable length.
func (f faults) Error() string {
	const most = 10
	var texts []string
	for _, fault := range f[:min(len(f), most)] {
		texts = append(texts, fault.String())
	}
	if more := len(f) - most; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, "; ")
}

func (f *faults) between(field string, n, low, high int) {
	if n < low || n > high {
		f.add(field, "%d is outside %d to %d", n, low, high)
	}
}

// required wants an id of something that must exist.
func (f *faults) required(field string, id int64) {
	if id < 1 {
		f.add(field, "%d is no id: one of at least 1 is required", id)
	}
}

// optional wants an id, or 0 for none.
func (f *faults) optional(field string, id int64) {
	if id < 0 {
		f.add(field, "%d is no id: ids start at 1, and 0 means none", id)
	}
}

// text wants something the vendor can store. A text that is not valid UTF-8
// would be stored with replacement characters.
func (f *faults) text(field, s string) {
	if !utf8.ValidString(s) {
		f.add(field, "not valid UTF-8")
		return
	}
	if n := utf8.RuneCountInString(s); n > maxText {
		f.add(field, "%d characters are more than the %d allowed", n, maxText)
	}
}

// filter wants a text that can be looked for; the vendor documents no length.
func (f *faults) filter(field, s string) {
	if !utf8.ValidString(s) {
		f.add(field, "not valid UTF-8")
	}
}

// hwids wants devices that the vendor would not silently drop.
func (f *faults) hwids(field string, values []string) {
	for i, value := range values {
		name := fmt.Sprintf("%s[%d]", field, i)
		if value == "" {
			f.add(name, "an empty hardware id binds nothing")
			continue
		}
		f.text(name, value)
	}
}

func (f *faults) discordID(field, id string) {
	if n := len(id); n < minDiscordID || n > maxDiscordID || !isDigits(id) {
		f.add(field, "%s is no Discord user id, which has %d to %d digits and nothing else",
			shorten(id), minDiscordID, maxDiscordID)
	}
}

func (f *faults) minutes(field string, d time.Duration) {
	switch {
	case d < 0:
		f.add(field, "%v is negative", d)
	case d%time.Minute != 0:
		f.add(field, "%v is not a whole number of minutes, which the vendor counts in", d)
	}
}

// timestamp wants a time that RFC 3339 can write.
func (f *faults) timestamp(field string, t time.Time) {
	if year := t.UTC().Year(); year < 1 || year > 9999 {
		f.add(field, "the year %d cannot be sent: years from 1 to 9999 can", year)
	}
}

// segment wants a reference that can be part of a path, and returns it.
func (f *faults) segment(ref KeyRef) string {
	segment, err := ref.segment()
	if err != nil {
		f.add("ref", "%v", err)
	}
	return segment
}

// notNull refuses Null where the vendor knows no null.
func notNull[T any](f *faults, field string, o Opt[T]) {
	if o.IsNull() {
		f.add(field, "Null cannot be sent here: use Set, or leave the field out")
	}
}

// shorten quotes a value of any length for an error text.
func shorten(s string) string {
	const most = 32
	if utf8.RuneCountInString(s) <= most {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q… (%d characters)", string([]rune(s)[:most]), utf8.RuneCountInString(s))
}

func (p *ListKeysParams) check() faults {
	var f faults
	if p.Page < 0 {
		f.add("Page", "%d is no page: pages start at 1, and 0 means the first", p.Page)
	}
	if p.Limit != 0 {
		f.between("Limit", p.Limit, 1, maxLimit)
	}
	f.filter("ValueContains", p.ValueContains)
	f.filter("HWIDContains", p.HWIDContains)
	f.filter("DiscordID", p.DiscordID)
	f.optional("ServiceID", p.ServiceID)
	f.optional("ProviderID", p.ProviderID)
	f.optional("FolderID", p.FolderID)
	switch p.Status {
	case "", StatusActive, StatusUsed, StatusExpired, StatusInvalidated:
	default:
		// A filter that the vendor does not know might be ignored, and lists
		// feed deletions: better no list than the list of all keys.
		f.add("Status", "%s is none of active, used, expired and invalidated", shorten(string(p.Status)))
	}
	f.timestamp("ExpiresBefore", p.ExpiresBefore)
	f.timestamp("ExpiresAfter", p.ExpiresAfter)
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
	f.between("HWIDLimit", p.HWIDLimit, 0, maxHWIDLimit)
	f.hwids("HWIDs", p.HWIDs)
	return f
}

func (p *CreateBatchParams) check() faults {
	var f faults
	f.between("Amount", p.Amount, 1, maxAmount)
	f.required("ProviderID", p.ProviderID)
	f.optional("ServiceID", p.ServiceID)
	f.optional("FolderID", p.FolderID)
	f.text("Name", p.Name)
	if p.DiscordID != "" {
		f.discordID("DiscordID", p.DiscordID)
	}
	f.minutes("Validity", p.Validity)
	f.between("HWIDLimit", p.HWIDLimit, 0, maxHWIDLimit)
	f.text("HWID", p.HWID)
	return f
}

func (p *UpdateKeyParams) check() faults {
	var f faults
	if name, ok := p.Name.Get(); ok {
		f.text("Name", name)
	}
	if id, ok := p.FolderID.Get(); ok && id < 1 {
		f.add("FolderID", "%d is no id: ids start at 1, and Null means no folder", id)
	}
	if id, ok := p.DiscordID.Get(); ok {
		f.discordID("DiscordID", id)
	}
	if validity, ok := p.Validity.Get(); ok {
		f.minutes("Validity", validity)
	}
	if at, ok := p.ExpiresAt.Get(); ok {
		if at.IsZero() {
			f.add("ExpiresAt", "the zero time is no expiry: use Null for a key that never expires")
		} else {
			f.timestamp("ExpiresAt", at)
		}
	}
	if limit, ok := p.HWIDLimit.Get(); ok {
		f.between("HWIDLimit", limit, 0, maxHWIDLimit)
	}
	f.hwids("HWIDs", p.HWIDs)
	notNull(&f, "ExpiryOnFirstUse", p.ExpiryOnFirstUse)
	notNull(&f, "Premium", p.Premium)
	notNull(&f, "OneTimeUse", p.OneTimeUse)
	notNull(&f, "Invalidated", p.Invalidated)
	notNull(&f, "NoHWID", p.NoHWID)
	return f
}

// checkBulk checks the references of one bulk delete.
func checkBulk(refs []KeyRef) faults {
	var f faults
	switch n := len(refs); {
	case n == 0:
		f.add("refs", "no references: 1 to %d are required", maxBulk)
	case n > maxBulk:
		f.add("refs", "%d references are more than the %d allowed in one call: split them", n, maxBulk)
	}
	for i, ref := range refs {
		if err := ref.check(); err != nil {
			f.add(fmt.Sprintf("refs[%d]", i), "%v", err)
		}
	}
	return f
}
