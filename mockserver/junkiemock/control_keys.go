package junkiemock

import (
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// keySheet describes a key.
type keySheet struct {
	sheetTop
	Value            string           `json:"value"`
	Provider         reference        `json:"provider"`
	Service          *reference       `json:"service"`
	Folder           *reference       `json:"folder"`
	Name             *string          `json:"name"`
	Status           string           `json:"status"` // at this moment
	CreatedAt        core.Instant     `json:"createdAt"`
	ValidityMinutes  *int64           `json:"validityMinutes"`   // nil: for ever
	Validity         wholeMinutes     `json:"validity,omitzero"` // wins over validityMinutes
	ExpiresAt        *core.Instant    `json:"expiresAt"`         // of a new key zero: as the rest has it
	UsedAt           *core.Instant    `json:"usedAt"`
	Premium          bool             `json:"premium"`
	Invalidated      bool             `json:"invalidated"`
	OneTimeUse       bool             `json:"oneTimeUse"`
	ExpiryOnFirstUse bool             `json:"expiryOnFirstUse"`
	NoHWID           bool             `json:"noHwid"`
	HWIDLimit        *int64           `json:"hwidLimit"`
	DiscordID        *string          `json:"discordId"`
	HWIDs            []hwidSheet      `json:"hwids"`
	Redemption       *redemptionSheet `json:"redemption"`
}

type hwidSheet struct {
	HWID           string       `json:"hwid"`
	ExecutorUserID *string      `json:"executorUserId"`
	BoundAt        core.Instant `json:"boundAt"`
	BoundBy        string       `json:"boundBy"`
}

type redemptionSheet struct {
	DiscordUserID string       `json:"discordUserId"`
	Status        string       `json:"status"`
	RedeemedAt    core.Instant `json:"redeemedAt"`
}

func (v *vendor) controlledKeys() core.Collection {
	return core.Kind[*record, keySheet]{
		Name: "keys", Noun: "key", Keyed: true,
		All: v.state.allKeys, Find: v.state.findKey,
		Blank:  func() keySheet { return keySheet{sheetTop: newTop, ExpiresAt: &core.Instant{}} },
		Show:   func(t *core.Turn, k *record) keySheet { return v.turn(t).showKey(k) },
		Create: func(t *core.Turn, s keySheet) (*record, error) { return v.turn(t).createAsTold(s) },
		Change: func(t *core.Turn, was *record, s keySheet) (*record, error) { return v.turn(t).changeAsTold(was, s) },
		Remove: func(t *core.Turn, k *record) error {
			v.turn(t).deleteKeys(k.UserID, k)
			return nil
		},
		Derived: []string{"status"},
		Fixed:   fixedMembers,
		Filters: v.keyFilters(),
	}.Collection()
}

func (v *vendor) keyFilters() map[string]core.Test[*record] {
	filters := filtersOf(map[string]func(*record) string{
		"value":     func(k *record) string { return k.Value },
		"name":      func(k *record) string { return k.Name },
		"discordId": func(k *record) string { return k.DiscordID },
	})
	filters["status"] = func(t *core.Turn, k *record, want string) bool { return k.status(v.turn(t).now) == want }
	filters["hwid"] = func(_ *core.Turn, k *record, want string) bool { return k.bound(want) }
	for name, of := range map[string]func(*record) (int64, string){
		"provider": func(k *record) (int64, string) { return k.ProviderID, v.state.providers.Get(k.ProviderID).Name },
		"service":  func(k *record) (int64, string) { return k.ServiceID, v.state.services.Get(k.ServiceID).Name },
		"folder":   func(k *record) (int64, string) { return k.FolderID, v.state.folders.Get(k.FolderID).Name },
	} {
		filters[name] = func(_ *core.Turn, k *record, want string) bool {
			id, label := of(k)
			return want == label || id != 0 && want == decimal(id)
		}
	}
	return filters
}

func (t *turn) showKey(k *record) keySheet {
	s := keySheet{
		sheetTop: sheetTop{k.ID, k.UserID}, Value: k.Value, Name: core.Nullable(k.Name, k.Named),
		Provider: reference{id: k.ProviderID}, Service: referTo(k.ServiceID), Folder: referTo(k.FolderID),
		Status: k.status(t.now), CreatedAt: core.Instant{Time: k.CreatedAt},
		ValidityMinutes: core.OrNil(k.ValidityMinutes),
		ExpiresAt:       core.InstantOrNil(k.ExpiresAt), UsedAt: core.InstantOrNil(k.UsedAt),
		Premium: k.Premium, Invalidated: k.Invalidated, OneTimeUse: k.OneTimeUse, ExpiryOnFirstUse: k.ExpiryOnFirstUse, NoHWID: k.NoHWID,
		HWIDLimit: core.Nullable(k.HWIDLimit, k.Limited), DiscordID: core.OrNil(k.DiscordID), HWIDs: []hwidSheet{},
	}
	for _, d := range k.Devices {
		s.HWIDs = append(s.HWIDs, hwidSheet{d.HWID, core.OrNil(d.ExecutorUserID), core.Instant{Time: d.BoundAt}, d.BoundBy})
	}
	if r := k.Redemption; r != nil {
		s.Redemption = &redemptionSheet{r.DiscordUserID, r.Status, core.Instant{Time: r.RedeemedAt}}
	}
	return s
}

// readKey returns the key that a sheet describes.
func (s *state) readKey(told keySheet) (k *record, err error) {
	k = &record{
		Named: told.Name != nil, Limited: told.HWIDLimit != nil,
		Key: Key{
			ID: told.ID, UserID: told.Account, Value: told.Value, Name: core.OrZero(told.Name),
			CreatedAt: told.CreatedAt.Time, ExpiresAt: told.ExpiresAt.OrZero(), UsedAt: told.UsedAt.OrZero(),
			ValidityMinutes: core.OrZero(told.ValidityMinutes),
			Premium:         told.Premium, Invalidated: told.Invalidated, OneTimeUse: told.OneTimeUse,
			ExpiryOnFirstUse: told.ExpiryOnFirstUse, NoHWID: told.NoHWID,
			HWIDLimit: core.OrZero(told.HWIDLimit), DiscordID: core.OrZero(told.DiscordID),
		},
	}
	if told.Validity.given {
		k.ValidityMinutes = told.Validity.minutes
	}
	for _, d := range told.HWIDs {
		k.Devices = append(k.Devices, Device{d.HWID, core.OrZero(d.ExecutorUserID), d.BoundAt.Time, d.BoundBy})
	}
	if r := told.Redemption; r != nil {
		k.Redemption = &Redemption{r.DiscordUserID, r.Status, r.RedeemedAt.Time}
	}
	return k, s.readReferences(k, told)
}

func (s *state) readReferences(k *record, told keySheet) (err error) {
	if k.ProviderID, err = refer(&s.providers, "/provider", k.UserID, &told.Provider); err != nil {
		return err
	}
	if k.ServiceID, err = refer(&s.services, "/service", k.UserID, told.Service); err != nil {
		return err
	}
	k.FolderID, err = refer(&s.folders, "/folder", k.UserID, told.Folder)
	return err
}

// createAsTold makes a key in any state. An expiresAt of null is one, too.
func (t *turn) createAsTold(told keySheet) (*record, error) {
	k, err := t.state.readKey(told)
	if err == nil {
		err = t.addKey(k)
	}
	if err == nil && told.ExpiresAt == nil {
		k = t.state.keys.change(k, func(k *record) { k.ExpiresAt = time.Time{} })
	}
	return k, err
}

// changeAsTold brings a key into any state. Nothing follows from a change: a
// deadline stays unless it is changed itself.
func (t *turn) changeAsTold(was *record, told keySheet) (*record, error) {
	is, err := t.state.readKey(told)
	if err != nil {
		return was, err
	}
	if err := is.checkWhole(); err != nil {
		return was, err
	}
	if other := t.state.keys.byValue[is.Value]; other != nil && other != was {
		return was, core.Taken("/value", "key")
	}
	if err := t.state.checkKey(is); err != nil {
		return was, err
	}
	is.completeTimes(t.now)
	t.state.keys.replace(was, is)
	t.noteChanges(was, is)
	return is, nil
}
