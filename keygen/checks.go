package keygen

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// Bounds of the vendor.
const (
	minKey        = 8 // characters
	maxKey        = 1024
	minLicenseKey = 6
	maxLicenseKey = 16384
	maxName       = 255
	maxPage       = 100 // number of the last page
	maxRows       = 100 // of one answer
)

// versions is the form of the vendor's API versions.
var versions = regexp.MustCompile(`^v?[0-9]{1,4}\.[0-9]{1,4}$`)

// faults collects everything that is wrong with the arguments of one call. The
// texts never show keys, nor what stands where an id should: it may be a key.
type faults struct{ transport.Faults }

// id wants an id and returns it as the vendor writes it.
func (f *faults) id(field, id string) string {
	canonical, ok := canonicalID(id)
	if !ok {
		why := "not an id, which is a UUID such as 6e936a61-94ad-44d1-88ac-88da9f10eca7"
		if id == "" {
			why = "an empty id: it is required"
		}
		f.Add(field, "%s", why)
	}
	return canonical
}

// optionalID is id for what need not be there.
func (f *faults) optionalID(field, id string) string {
	if id == "" {
		return ""
	}
	return f.id(field, id)
}

// text wants what JSON carries and the vendor accepts.
func (f *faults) text(field, s string) (ok bool) {
	if ok = f.UTF8(field, s); ok && strings.ContainsRune(s, 0) {
		f.Add(field, "has a null character, which the vendor refuses")
		ok = false
	}
	return ok
}

// name wants a text that is not blank.
func (f *faults) name(field, s string) {
	if !f.text(field, s) {
		return
	}
	switch {
	case strings.TrimSpace(s) == "":
		f.Add(field, "a name is required that is not blank")
	case utf8.RuneCountInString(s) > maxName:
		f.Add(field, "has %d characters, the most is %d", utf8.RuneCountInString(s), maxName)
	}
}

// filled wants a text that is not blank, if there is one.
func (f *faults) filled(field, s string) {
	if f.text(field, s) && s != "" && strings.TrimSpace(s) == "" {
		f.Add(field, "is blank: leave it out")
	}
}

// key wants the string of a key, of which it shows nothing.
func (f *faults) key(field, key string, low, high int) {
	n := utf8.RuneCountInString(key)
	switch {
	case !f.text(field, key):
	case strings.TrimSpace(key) == "":
		f.Add(field, "an empty or blank key")
	case key == "action" || key == "actions":
		f.Add(field, "%q is reserved by the vendor", key)
	case n < low || n > high:
		f.Add(field, "has %d characters: want %d to %d", n, low, high)
	}
}

// limit wants a number that limits something, or 0.
func (f *faults) limit(field string, n int) {
	if n < 0 {
		f.Add(field, "%d is negative", n)
	}
}

// seconds wants a span that the vendor can count, or 0.
func (f *faults) seconds(field string, d time.Duration) {
	switch {
	case d < 0:
		f.Add(field, "%v is negative", d)
	case d%time.Second != 0:
		f.Add(field, "%v is not a whole number of seconds, which the vendor counts in: round it", d)
	}
}

// paging is what the parameters of all lists have in common.
type paging struct {
	limit, page, size int
	cursor            Opt[string]
	order             Order
}

func (f *faults) paging(p paging) {
	f.upTo("Limit", p.limit, maxRows)
	f.upTo("PageSize", p.size, maxRows)
	if p.page > maxPage {
		f.Add("Page", "%d is beyond page %d, the last that the vendor numbers: use Cursor or All", p.page, maxPage)
	} else {
		f.upTo("Page", p.page, maxPage)
	}
	cursor, byCursor := p.cursor.Get()
	if cursor != "" {
		f.id("Cursor", cursor)
	}
	switch {
	case byCursor && p.page != 0:
		f.Add("Page", "cannot go together with Cursor or All, which page in their own way")
	case p.size != 0 && !byCursor && p.page == 0:
		f.Add("PageSize", "goes with Page or Cursor only: use Limit for a list without pages")
	}
	if p.limit != 0 && (byCursor || p.page != 0) {
		f.Add("Limit", "is for lists without pages: use PageSize")
	}
	if p.order != "" && p.order != NewestFirst && p.order != OldestFirst {
		f.Add("Order", "%s is neither NewestFirst nor OldestFirst", transport.Quote(string(p.order)))
	}
}

func (f *faults) upTo(field string, n, high int) {
	if n < 0 || n > high {
		f.Add(field, "%d is not in 1 to %d, and 0 leaves it out", n, high)
	}
}

// metadata wants values that become JSON.
func (f *faults) metadata(metadata map[string]any) {
	if _, err := encodeMetadata(metadata); err != nil {
		f.Add("Metadata", "%v", err)
	}
}

// checkText is faults.text for texts inside others.
func checkText(s string) error {
	switch {
	case !utf8.ValidString(s):
		return errors.New("has a text that is not valid UTF-8")
	case strings.ContainsRune(s, 0):
		return errors.New("has a text with a null character, which the vendor refuses")
	}
	return nil
}

// reference wants what finds a thing by its id or by another name that
// the vendor takes as well. It leaves the spelling alone: what looks like an id
// may be a key of 32 hexadecimal digits, and keys are found as they are written.
func (f *faults) reference(field, ref string, longest int) {
	switch {
	case !f.text(field, ref):
	case strings.TrimSpace(ref) == "":
		f.Add(field, "is empty or blank")
	case ref == "." || ref == "..":
		f.Add(field, "%q names nothing", ref)
	case utf8.RuneCountInString(ref) > longest:
		f.Add(field, "has %d characters, the most is %d", utf8.RuneCountInString(ref), longest)
	}
}

func (p *CreateKeyParams) check() (f faults) {
	f.key("Key", p.Key, minKey, maxKey)
	p.PolicyID = f.id("PolicyID", p.PolicyID)
	return f
}

func (p *CreatePolicyParams) check() (f faults) {
	f.name("Name", p.Name)
	p.ProductID = f.id("ProductID", p.ProductID)
	if p.UsePool && p.Encrypted {
		f.Add("Encrypted", "cannot go together with UsePool")
	}
	if p.UsePool && p.Scheme != "" {
		f.Add("Scheme", "cannot go together with UsePool")
	}
	f.seconds("Duration", p.Duration)
	f.seconds("HeartbeatDuration", p.HeartbeatDuration)
	for _, limit := range []struct {
		field string
		n     int
	}{
		{"MaxMachines", p.MaxMachines}, {"MaxProcesses", p.MaxProcesses}, {"MaxUsers", p.MaxUsers}, {"MaxCores", p.MaxCores},
		{"MaxMemory", p.MaxMemory}, {"MaxDisk", p.MaxDisk}, {"MaxUses", p.MaxUses}, {"CheckInIntervalCount", p.CheckInIntervalCount},
	} {
		f.limit(limit.field, limit.n)
	}
	for _, text := range []struct{ field, s string }{
		{"Scheme", string(p.Scheme)}, {"AuthenticationStrategy", string(p.AuthenticationStrategy)}, {"ExpirationStrategy", string(p.ExpirationStrategy)},
		{"ExpirationBasis", p.ExpirationBasis}, {"RenewalBasis", p.RenewalBasis}, {"TransferStrategy", p.TransferStrategy},
		{"OverageStrategy", p.OverageStrategy}, {"MachineUniquenessStrategy", p.MachineUniquenessStrategy},
		{"MachineMatchingStrategy", p.MachineMatchingStrategy}, {"ComponentUniquenessStrategy", p.ComponentUniquenessStrategy},
		{"ComponentMatchingStrategy", p.ComponentMatchingStrategy}, {"MachineLeasingStrategy", p.MachineLeasingStrategy},
		{"ProcessLeasingStrategy", p.ProcessLeasingStrategy}, {"HeartbeatCullStrategy", p.HeartbeatCullStrategy},
		{"HeartbeatResurrectionStrategy", p.HeartbeatResurrectionStrategy}, {"HeartbeatBasis", p.HeartbeatBasis}, {"CheckInInterval", p.CheckInInterval},
	} {
		f.filled(text.field, text.s)
	}
	f.metadata(p.Metadata)
	return f
}

func (p *CreateProductParams) check() (f faults) {
	f.name("Name", p.Name)
	f.filled("Code", p.Code)
	f.filled("URL", p.URL)
	f.filled("DistributionStrategy", string(p.DistributionStrategy))
	for i, platform := range p.Platforms {
		f.name(fmt.Sprintf("Platforms[%d]", i), platform)
	}
	f.metadata(p.Metadata)
	return f
}

func (p *CreateLicenseParams) check() (f faults) {
	p.PolicyID = f.id("PolicyID", p.PolicyID)
	p.ID = f.optionalID("ID", p.ID)
	p.OwnerID = f.optionalID("OwnerID", p.OwnerID)
	p.GroupID = f.optionalID("GroupID", p.GroupID)
	if p.Key != "" {
		f.key("Key", p.Key, minLicenseKey, maxLicenseKey)
	}
	f.filled("Name", p.Name)
	f.limit("MaxMachines", p.MaxMachines)
	if y := p.ExpiresAt.UTC().Year(); !p.ExpiresAt.IsZero() && (y < 1970 || y > 9999) {
		f.Add("ExpiresAt", "the year %d is no time that the vendor keeps", y)
	}
	f.metadata(p.Metadata)
	return f
}
