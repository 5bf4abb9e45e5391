package junkiemock

import (
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Provider is where keys come from. Every key belongs to one.
type Provider struct {
	ID        int64
	UserID    int64
	Name      string
	KeyPrefix string // put before the values of its keys, with a dash
}

// Service is what a key opens.
type Service struct {
	ID      int64
	UserID  int64
	Name    string
	Premium bool // only premium keys open it
	Keyless bool // everyone may enter without a key
}

// Folder sorts keys; it has no other effect.
type Folder struct {
	ID        int64
	UserID    int64
	Name      string
	CreatedAt time.Time
}

// ProviderOption sets up a provider; see [KeyPrefix].
type ProviderOption func(*Provider)

// KeyPrefix makes a provider put a prefix and a dash before the values of its
// keys: KeyPrefix("SHOP") gives "SHOP-xxxxxxxx-xxxx-4xxx-xxxx-xxxxxxxxxxxx". It
// must not hold lower-case letters.
func KeyPrefix(prefix string) ProviderOption {
	return func(p *Provider) { p.KeyPrefix = prefix }
}

// ServiceOption sets up a service; see [Premium] and [Keyless].
type ServiceOption func(*Service)

// Premium makes a service that only premium keys open.
func Premium() ServiceOption { return func(s *Service) { s.Premium = true } }

// Keyless makes a service that everyone may enter without a key.
func Keyless() ServiceOption { return func(s *Service) { s.Keyless = true } }

func (Provider) noun() string                 { return "provider" }
func (p Provider) top() (id, userID int64)    { return p.ID, p.UserID }
func (p Provider) numbered(id int64) Provider { p.ID = id; return p }
func (Provider) mark() (member, text string)  { return "", "" }
func (p Provider) label() string              { return p.Name }

func (p Provider) check() error {
	if p.KeyPrefix != strings.ToUpper(p.KeyPrefix) {
		return core.BadMember("/keyPrefix", "%q has lower-case letters: the vendor's have none", core.Clip(p.KeyPrefix, core.MaxName))
	}
	return nil
}

func (Service) noun() string                { return "service" }
func (s Service) top() (id, userID int64)   { return s.ID, s.UserID }
func (s Service) numbered(id int64) Service { s.ID = id; return s }
func (Service) mark() (member, text string) { return "", "" }
func (s Service) label() string             { return s.Name }
func (s Service) check() error              { return nil }

func (Folder) noun() string                { return "folder" }
func (f Folder) top() (id, userID int64)   { return f.ID, f.UserID }
func (Folder) mark() (member, text string) { return "", "" }
func (f Folder) label() string             { return f.Name }
func (Folder) check() error                { return nil }

func (f Folder) numbered(id int64) Folder {
	f.ID, f.CreatedAt = id, moment(f.CreatedAt)
	return f
}

func (t *turn) addProvider(p Provider) (Provider, error) {
	p, err := t.state.providers.add(t.state, p)
	if err == nil {
		t.Effect(EffectProviderAdded, decimal(p.ID), p.Name)
	}
	return p, err
}

func (t *turn) addService(s Service) (Service, error) {
	s, err := t.state.services.add(t.state, s)
	if err == nil {
		t.Effect(EffectServiceAdded, decimal(s.ID), s.Name)
	}
	return s, err
}

func (t *turn) addFolder(f Folder) (Folder, error) {
	if f.CreatedAt.IsZero() {
		f.CreatedAt = t.now
	}
	f, err := t.state.folders.add(t.state, f)
	if err == nil {
		t.Effect(EffectFolderAdded, decimal(f.ID), f.Name)
	}
	return f, err
}
