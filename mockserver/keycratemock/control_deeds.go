package keycratemock

import (
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// settingsSheet is how the vendor behaves, where a test may choose.
type settingsSheet struct {
	TeamEnabled      bool        `json:"teamEnabled"`
	Origin           originSheet `json:"origin"`
	DurationStart    string      `json:"durationStart"`
	MismatchSpelling string      `json:"mismatchSpelling"`
	RetryAfter       bool        `json:"retryAfter"`
}

// originSheet is where end users' calls come from; null is not known.
type originSheet struct {
	Country *string `json:"country"`
	ASN     *int    `json:"asn"`
	IP      *string `json:"ip"`
}

// The choices of the settings, the second of which is switched on in the state.
var (
	durationStarts = []string{"first-use", "creation"}
	spellings      = []string{CodeHWIDMismatch, CodeHWIDMismatchDoubleS}
)

func (s *settings) showSettings() settingsSheet {
	from := s.Origin
	return settingsSheet{
		TeamEnabled:      !s.TeamOff,
		Origin:           originSheet{core.OrNil(from.Country), core.OrNil(from.ASN), core.OrNil(from.IP)},
		DurationStart:    chosen(durationStarts, s.FromCreation),
		MismatchSpelling: chosen(spellings, s.DoubleS),
		RetryAfter:       !s.NoRetryAfter,
	}
}

func chosen(choices []string, second bool) string {
	if second {
		return choices[1]
	}
	return choices[0]
}

// changeSettings takes over what differs from the settings as they are shown.
func (v *vendor) changeSettings(t *core.Turn, d settingsSheet) error {
	if !slices.Contains(durationStarts, d.DurationStart) {
		return core.BadMember("/durationStart", "must be one of %s", strings.Join(durationStarts, ", "))
	}
	if !slices.Contains(spellings, d.MismatchSpelling) {
		return core.BadMember("/mismatchSpelling", "must be one of %s", strings.Join(spellings, ", "))
	}
	from := Origin{core.OrZero(d.Origin.Country), core.OrZero(d.Origin.ASN), core.OrZero(d.Origin.IP)}
	if wrong := from.wrong(); wrong != nil {
		return core.BadMember("/origin/"+strings.ToLower(string(wrong.By)), "cannot be: %v", wrong.check())
	}
	v.state.Origin, v.state.NoRetryAfter = from, !d.RetryAfter
	v.state.FromCreation, v.state.DoubleS = d.DurationStart == durationStarts[1], d.MismatchSpelling == spellings[1]
	v.turn(t).setTeam(d.TeamEnabled)
	return nil
}

// loginSheet is what an end user's program sends.
type loginSheet struct {
	App      string `json:"app"`
	License  string `json:"license"`
	Username string `json:"username"`
	Password string `json:"password"`
}

// authOutcome is what the program is told.
type authOutcome struct {
	Success bool   `json:"success"`
	Code    string `json:"code"`
}

// authOrder is a program that asks to be let in.
type authOrder struct {
	loginSheet
	HWID string `json:"hwid"`
}

func (v *vendor) doAuth(t *core.Turn, d authOrder) (any, error) {
	l, err := v.turn(t).loginOf(d.loginSheet)
	if err != nil {
		return nil, err
	}
	l.HWID = d.HWID
	return authOutcome(v.turn(t).logIn(l)), nil
}

func (v *vendor) doRegister(t *core.Turn, d loginSheet) (any, error) {
	l, err := v.turn(t).loginOf(d)
	if err != nil {
		return nil, err
	}
	return authOutcome(v.turn(t).signUp(l)), nil
}

// loginOf is what a program sends that is an app's own, or the license's app's. What
// names no app is sent as it is.
func (t *turn) loginOf(d loginSheet) (Login, error) {
	l := Login{AppID: d.App, License: d.License, Username: d.Username, Password: d.Password}
	if len(t.state.appsCalled(d.App)) > 0 {
		a, err := t.state.app("/app", d.App)
		if err != nil {
			return l, err
		}
		l.AppID = a.ID
	}
	return t.atHome(l), nil
}

// resetOrder is an end user at the portal.
type resetOrder struct {
	License string `json:"license"` // its key or its id
}

func (v *vendor) doPortalReset(t *core.Turn, d resetOrder) (any, error) {
	r := v.state.license(d.License)
	if r == nil {
		return nil, errNoSuchLicense
	}
	result := v.turn(t).portalReset(r)
	return struct {
		Done    bool          `json:"done"`
		Blocked *string       `json:"blocked"`
		Wait    core.Duration `json:"wait"`
	}{result.Done, core.OrNil(result.Blocked), core.Duration(result.Wait)}, nil
}

// orphanOrder loses a subscription.
type orphanOrder struct {
	Subscription string `json:"subscription"` // its id or its name
}

func (v *vendor) doOrphanLicenses(t *core.Turn, d orphanOrder) (any, error) {
	sub, err := v.state.subscription("/subscription", d.Subscription, "")
	if err != nil {
		return nil, err
	}
	orphans := []string{}
	for _, r := range v.turn(t).orphanLicenses(sub) {
		orphans = append(orphans, r.Key)
	}
	return struct {
		Licenses []string `json:"licenses"`
	}{orphans}, nil
}
