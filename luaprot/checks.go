package luaprot

import (
	"fmt"
	"time"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// Documented bounds, and the form of Discord's ids.
const (
	minExpire    = time.Hour
	minAmount    = 5 // keys of one call to Generate
	maxAmount    = 300
	minDiscordID = 17 // digits
	maxDiscordID = 20
)

// faults collects everything that is wrong with the arguments of one call. The
// texts never show keys and hardware ids, nor what stands where a Discord id
// should: it may be a key.
type faults struct{ transport.Faults }

// unless notes the reason for which an argument is refused, if there is one.
func (f *faults) unless(field string, err error) {
	if err != nil {
		f.Add(field, "%v", err)
	}
}

// hub wants an id that stays one segment of a path.
func (f *faults) hub(id string) {
	switch id {
	case "":
		f.Add("hub", "an empty id names no hub: the vendor's dashboard shows the ids")
	case ".", "..":
		f.Add("hub", "%q names no hub: the vendor's dashboard shows the ids", id)
	default:
		f.UTF8("hub", id)
	}
}

func checkDiscordID(id string) error {
	if n := len(id); n < minDiscordID || n > maxDiscordID || !isDigits(id) {
		return fmt.Errorf("not a Discord user id, which has %d to %d digits and nothing else", minDiscordID, maxDiscordID)
	}
	return nil
}

// expiresIn wants a span that the vendor accepts.
func (f *faults) expiresIn(field string, d time.Duration) {
	switch {
	case d < 0:
		f.Add(field, "%v is negative", d)
	case d%time.Second != 0:
		f.Add(field, "%v is not a whole number of seconds, which the vendor counts in: round it", d)
	case d < minExpire:
		f.Add(field, "%v is less than %v, the shortest the vendor accepts", d, minExpire)
	}
}

func (f *faults) scripts(ids []string) {
	for i, id := range ids {
		field := fmt.Sprintf("LimitedScripts[%d]", i)
		if id == "" {
			f.Add(field, "an empty id names no script: leave it out")
		}
		f.UTF8(field, id)
	}
}

func (p *ListKeysParams) check() faults {
	var f faults
	if p.Page < 0 {
		f.Add("Page", "%d is no page: pages start at 1, and 0 means the first", p.Page)
	}
	f.UTF8("HubID", p.HubID)
	// A filter that makes no sense might be ignored, and lists feed deletions:
	// better no list than the list of all keys.
	if p.DiscordID != "" {
		f.unless("DiscordID", checkDiscordID(p.DiscordID))
	}
	if p.Value != "" {
		f.unless("Value", checkKey(p.Value))
	}
	f.UTF8("HWID", p.HWID)
	f.NotNull("Blacklisted", p.Blacklisted)
	f.NotNull("Expired", p.Expired)
	f.NotNull("Unassigned", p.Unassigned)
	f.NotNull("Active", p.Active)
	return f
}

func (p *AddKeyParams) check() faults {
	var f faults
	if p.DiscordID != "" {
		f.unless("DiscordID", checkDiscordID(p.DiscordID))
	}
	f.settings(p.ExpiresIn, p.Note, p.LimitedScripts)
	return f
}

func (p *GenerateKeysParams) check() faults {
	var f faults
	f.Between("Amount", p.Amount, minAmount, maxAmount)
	f.settings(p.ExpiresIn, p.Note, p.LimitedScripts)
	return f
}

// settings are what one new key and many have in common.
func (f *faults) settings(expiresIn time.Duration, note string, scripts []string) {
	if expiresIn != 0 {
		f.expiresIn("ExpiresIn", expiresIn)
	}
	f.UTF8("Note", note)
	f.scripts(scripts)
}

func (p *UpdateKeyParams) check() faults {
	var f faults
	if id, ok := p.DiscordID.Get(); ok {
		f.unless("DiscordID", checkDiscordID(id))
	}
	if d, ok := p.ExpiresIn.Get(); ok {
		if d == 0 {
			f.Add("ExpiresIn", "0 is no span: use Null for a key that never expires, or leave the field out")
		} else {
			f.expiresIn("ExpiresIn", d)
		}
	}
	note, _ := p.Note.Get()
	f.UTF8("Note", note)
	f.NotNull("Blacklisted", p.Blacklisted)
	reason, _ := p.BlacklistReason.Get()
	f.UTF8("BlacklistReason", reason)
	scripts, _ := p.LimitedScripts.Get()
	f.scripts(scripts)
	f.NotNull("LimitedScripts", p.LimitedScripts)
	return f
}

// checkBulk checks the keys of one bulk delete. How many may be sent at once
// is not documented.
func checkBulk(keys []string) faults {
	var f faults
	if len(keys) == 0 {
		f.Add("keys", "no keys: at least one is required")
	}
	for i, key := range keys {
		f.unless(fmt.Sprintf("keys[%d]", i), checkKey(key))
	}
	return f
}
