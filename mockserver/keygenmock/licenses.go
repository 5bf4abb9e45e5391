package keygenmock

import (
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var licenseOperations = []operation{
	op(OpListLicenses, "GET", "/licenses", (*call).listLicenses),
	op(OpCreateLicense, "POST", "/licenses", (*call).createLicense),
	op(OpGetLicense, "GET", "/licenses/{licenseId}", (*call).getLicense),
	op(OpDeleteLicense, "DELETE", "/licenses/{licenseId}", (*call).deleteLicense),
}

func (c *call) listLicenses() (core.Answer, *failure)  { return core.Answer{}, errInternal }
func (c *call) createLicense() (core.Answer, *failure) { return core.Answer{}, errInternal }
func (c *call) getLicense() (core.Answer, *failure)    { return core.Answer{}, errInternal }
func (c *call) deleteLicense() (core.Answer, *failure) { return core.Answer{}, errInternal }

// expired reports whether a license has run out.
func (l *License) expired(now time.Time) bool { return !l.Expiry.IsZero() && !now.Before(l.Expiry) }
