package keycrate

import (
	"fmt"
	"time"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// faults collects everything that is wrong with the arguments of one call. The
// texts never show license keys, devices and passwords, nor what stands where
// an id should: it may be a key.
//
// Checked are the bounds that the vendor documents and what makes no sense
// under any. How many keys a call can take, how long a name can be and the
// like are the vendor's to say.
type faults struct{ transport.Faults }

// uuid wants an id as the vendor's dashboard shows it.
func (f *faults) uuid(field, id string) {
	switch {
	case id == "":
		f.Add(field, "an id is required: the vendor's dashboard shows it")
	case !isUUID(id):
		f.Add(field, "not a UUID such as 01234567-89ab-cdef-0123-456789abcdef, which the vendor's ids are")
	}
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
		default:
			return false
		}
	}
	return true
}

// required wants a text that is not empty.
func (f *faults) required(field, s string) {
	if s == "" {
		f.Add(field, "a text is required")
		return
	}
	f.UTF8(field, s)
}

// key wants something that can be a license key.
func (f *faults) key(field, key string) {
	if key == "" {
		f.Add(field, "an empty key names no license")
		return
	}
	f.UTF8(field, key)
}

// keys wants at least one key, and each once: a vendor that does not collapse
// duplicates would extend a license twice, or switch its lock back.
func (f *faults) keys(keys []string) {
	if len(keys) == 0 {
		f.Add("keys", "no keys: at least one is required")
	}
	first := make(map[string]int, len(keys))
	for i, key := range keys {
		field := fmt.Sprintf("keys[%d]", i)
		f.key(field, key)
		if before, repeated := first[key]; repeated {
			f.Add(field, "the same as keys[%d]: name each license once", before)
			continue
		}
		first[key] = i
	}
}

// extension wants a span that can be added to a license.
func (f *faults) extension(d time.Duration) {
	if d <= 0 {
		f.Add("extension", "%v is no time to add: at least 1s is required", d)
		return
	}
	f.wholeSeconds("extension", d)
}

// cooldown wants a span between two resets, or none.
func (f *faults) cooldown(field string, d time.Duration) {
	if d < 0 {
		f.Add(field, "%v is negative", d)
		return
	}
	f.wholeSeconds(field, d)
}

func (f *faults) wholeSeconds(field string, d time.Duration) {
	if d%time.Second != 0 {
		f.Add(field, "%v is not a whole number of seconds, which the vendor counts in: round it", d)
	}
}

// status wants one of the statuses that can be set and asked for. A filter
// that the vendor does not know might be ignored, and lists feed deletions:
// better no list than the list of all licenses.
func (f *faults) status(field string, s Status) {
	if s != StatusActive && s != StatusPaused {
		f.Add(field, "%s is neither active nor paused", transport.Quote(string(s)))
	}
}

func (f *faults) metadata(field string, m Metadata) {
	if _, err := m.encode(); err != nil {
		f.Add(field, "%v", err)
	}
}

func (f *faults) tags(tags []string) {
	for i, tag := range tags {
		f.required(fmt.Sprintf("Tags[%d]", i), tag)
	}
}

func checkKey(key string) faults {
	var f faults
	f.key("key", key)
	return f
}

func checkKeys(keys []string) faults {
	var f faults
	f.keys(keys)
	return f
}

func (p *CreateLicenseParams) check() faults {
	var f faults
	f.uuid("AppID", p.AppID)
	f.uuid("SubscriptionID", p.SubscriptionID)
	if problem := p.Duration.check(); problem != "" {
		f.Add("Duration", "%s", problem)
	}
	f.cooldown("HWIDResetCooldown", p.HWIDResetCooldown)
	f.metadata("Metadata", p.Metadata)
	f.tags(p.Tags)
	f.UTF8("KeyFormat", p.KeyFormat)
	if no := Set(false); p.KeyUppercase == no && p.KeyLowercase == no && p.KeyNumbers == no {
		f.Add("KeyUppercase", "no characters are left for the key: let at least one of upper case, lower case and digits in")
	}
	return f
}

func (p *ListLicensesParams) check() faults {
	var f faults
	f.uuid("AppID", p.AppID)
	if p.Status != "" {
		f.status("Status", p.Status)
	}
	if p.SubscriptionID != "" {
		f.uuid("SubscriptionID", p.SubscriptionID)
	}
	f.tags(p.Tags)
	f.UTF8("Search", p.Search)
	if p.Page < 0 {
		f.Add("Page", "%d is no page: pages start at 1, and 0 means the first", p.Page)
	}
	if p.PerPage < 0 {
		f.Add("PerPage", "%d is no number of licenses: 0 means the vendor's choice", p.PerPage)
	}
	f.UTF8("SortField", string(p.SortField))
	if p.SortOrder != "" && p.SortOrder != SortAscending && p.SortOrder != SortDescending {
		f.Add("SortOrder", "%s is neither asc nor desc", transport.Quote(string(p.SortOrder)))
	}
	return f
}

func (c *Credentials) check() faults {
	var f faults
	f.required("Username", c.Username)
	f.UTF8("Password", c.Password)
	return f
}

func (p *CreateSubscriptionParams) check() faults {
	var f faults
	f.uuid("AppID", p.AppID)
	f.required("Name", p.Name)
	return f
}

func (p *EditSubscriptionParams) check() faults {
	var f faults
	if name, ok := p.Name.Get(); ok {
		f.required("Name", name)
	}
	if status, ok := p.Status.Get(); ok {
		f.status("Status", status)
	}
	if (*p == EditSubscriptionParams{}) {
		f.Add("params", "nothing to change: set at least one field")
	}
	return f
}
