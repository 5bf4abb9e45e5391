package junkiemock

import (
	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

type providerSheet struct {
	sheetTop
	Name      string `json:"name"`
	KeyPrefix string `json:"keyPrefix"`
}

func (v *vendor) controlledProviders() core.Collection {
	return tabled[Provider, providerSheet]{
		name: "providers", table: &v.state.providers,
		blank: providerSheet{sheetTop: newTop},
		show:  func(p Provider) providerSheet { return providerSheet{sheetTop{p.ID, p.UserID}, p.Name, p.KeyPrefix} },
		read:  func(s providerSheet) Provider { return Provider{s.ID, s.Account, s.Name, s.KeyPrefix} },
		add:   (*turn).addProvider,
		changed: func(t *turn, _, p Provider, members string) {
			t.Effect(EffectProviderChanged, decimal(p.ID), members)
		},
		remove:  (*turn).removeProvider,
		filters: map[string]func(Provider) string{"name": Provider.label},
	}.of(v).Collection()
}

// removeProvider takes a provider out that has no keys. What the vendor does with
// keys is not known, so that a test has to say it.
func (t *turn) removeProvider(p Provider) error {
	if err := t.needed("provider", p.ID, p.UserID, ofProvider); err != nil {
		return err
	}
	drop(t, &t.state.providers, p, EffectProviderRemoved, decimal(p.ID))
	return nil
}

type serviceSheet struct {
	sheetTop
	Name    string `json:"name"`
	Premium bool   `json:"premium"`
	Keyless bool   `json:"keyless"`
}

func (v *vendor) controlledServices() core.Collection {
	return tabled[Service, serviceSheet]{
		name: "services", table: &v.state.services,
		blank: serviceSheet{sheetTop: newTop},
		show: func(s Service) serviceSheet {
			return serviceSheet{sheetTop{s.ID, s.UserID}, s.Name, s.Premium, s.Keyless}
		},
		read: func(s serviceSheet) Service { return Service{s.ID, s.Account, s.Name, s.Premium, s.Keyless} },
		add:  (*turn).addService,
		changed: func(t *turn, _, s Service, members string) {
			t.Effect(EffectServiceChanged, decimal(s.ID), members)
		},
		remove:  (*turn).removeService,
		filters: map[string]func(Service) string{"name": Service.label},
	}.of(v).Collection()
}

// removeService takes a service out that no key is tied to; see removeProvider.
func (t *turn) removeService(s Service) error {
	if err := t.needed("service", s.ID, s.UserID, ofService); err != nil {
		return err
	}
	drop(t, &t.state.services, s, EffectServiceRemoved, decimal(s.ID))
	return nil
}

type folderSheet struct {
	sheetTop
	Name      string       `json:"name"`
	CreatedAt core.Instant `json:"createdAt"`
}

func (v *vendor) controlledFolders() core.Collection {
	return tabled[Folder, folderSheet]{
		name: "folders", table: &v.state.folders,
		blank: folderSheet{sheetTop: newTop},
		show: func(f Folder) folderSheet {
			return folderSheet{sheetTop{f.ID, f.UserID}, f.Name, core.Instant{Time: f.CreatedAt}}
		},
		read: func(s folderSheet) Folder { return Folder{s.ID, s.Account, s.Name, s.CreatedAt.Time} },
		add:  (*turn).addFolder,
		changed: func(t *turn, _, f Folder, members string) {
			t.Effect(EffectFolderChanged, decimal(f.ID), members)
		},
		remove:  (*turn).removeFolder,
		filters: map[string]func(Folder) string{"name": Folder.label},
	}.of(v).Collection()
}

// removeFolder takes a folder out, and its keys out of it. That they stay is
// assumed.
func (t *turn) removeFolder(f Folder) error {
	for _, k := range t.state.keys.owned[f.UserID].Select(inFolder.Is(f.ID)) {
		t.noteChanges(k, t.state.keys.change(k, func(k *record) { k.FolderID = 0 }))
	}
	drop(t, &t.state.folders, f, EffectFolderRemoved, decimal(f.ID))
	return nil
}

type banSheet struct {
	sheetTop
	HWID           string        `json:"hwid"`
	Until          *core.Instant `json:"until"` // nil: for ever
	InvalidateKeys bool          `json:"invalidateKeys"`
}

func (v *vendor) controlledBans() core.Collection {
	return tabled[Ban, banSheet]{
		name: "bans", table: &v.state.bans,
		blank: banSheet{sheetTop: newTop},
		show: func(b Ban) banSheet {
			return banSheet{sheetTop{b.ID, b.UserID}, b.HWID, core.InstantOrNil(b.Until), b.InvalidateKeys}
		},
		read:    func(s banSheet) Ban { return Ban{s.ID, s.Account, s.HWID, s.Until.OrZero(), s.InvalidateKeys} },
		add:     (*turn).addBan,
		changed: (*turn).changedBan,
		remove: func(t *turn, b Ban) error {
			t.liftBan(b)
			return nil
		},
		fixed:   []string{"hwid"},
		filters: map[string]func(Ban) string{"hwid": func(b Ban) string { return b.HWID }},
	}.of(v).Collection()
}

// changedBan records a change. A ban that is to invalidate keys only now does it
// now.
func (t *turn) changedBan(was, is Ban, members string) {
	t.Effect(EffectBanChanged, is.HWID, members)
	if is.InvalidateKeys && !was.InvalidateKeys {
		t.invalidateKeys(is)
	}
}
