package keygen

import (
	"math"
	"net/url"
	"time"

	"github.com/keysmith-go/keysmith/internal/keygenwire"
	"github.com/keysmith-go/keysmith/internal/wire"
)

// From the wire. Of every member anything may be missing.

func keyFromWire(w *keygenwire.Key) *Key {
	a, r := wire.Value(w.Attributes), wire.Value(w.Relationships)
	return &Key{
		ID:        wire.Value(w.ID),
		Key:       wire.Value(a.Key),
		PolicyID:  related(r.Policy),
		ProductID: related(r.Product),
		AccountID: related(r.Account),
		CreatedAt: moment(a.Created),
		UpdatedAt: moment(a.Updated),
	}
}

func policyFromWire(w *keygenwire.Policy) *Policy {
	a, r := wire.Value(w.Attributes), wire.Value(w.Relationships)
	return &Policy{
		ID:        wire.Value(w.ID),
		ProductID: related(r.Product),
		AccountID: related(r.Account),
		Name:      wire.Value(a.Name),
		UsePool:   wire.Value(a.UsePool),
		Duration:  duration(a.Duration),
		Strict:    wire.Value(a.Strict),
		Floating:  wire.Value(a.Floating),
		Protected: wire.Value(a.Protected),
		Encrypted: wire.Value(a.Encrypted),
		Scheme:    Scheme(wire.Value(a.Scheme)),

		MaxMachines:  limit(a.MaxMachines),
		MaxProcesses: limit(a.MaxProcesses),
		MaxUsers:     limit(a.MaxUsers),
		MaxCores:     limit(a.MaxCores),
		MaxMemory:    limit(a.MaxMemory),
		MaxDisk:      limit(a.MaxDisk),
		MaxUses:      limit(a.MaxUses),

		AuthenticationStrategy:        AuthenticationStrategy(wire.Value(a.AuthenticationStrategy)),
		ExpirationStrategy:            ExpirationStrategy(wire.Value(a.ExpirationStrategy)),
		ExpirationBasis:               wire.Value(a.ExpirationBasis),
		RenewalBasis:                  wire.Value(a.RenewalBasis),
		TransferStrategy:              wire.Value(a.TransferStrategy),
		OverageStrategy:               wire.Value(a.OverageStrategy),
		MachineUniquenessStrategy:     wire.Value(a.MachineUniquenessStrategy),
		MachineMatchingStrategy:       wire.Value(a.MachineMatchingStrategy),
		ComponentUniquenessStrategy:   wire.Value(a.ComponentUniquenessStrategy),
		ComponentMatchingStrategy:     wire.Value(a.ComponentMatchingStrategy),
		MachineLeasingStrategy:        wire.Value(a.MachineLeasingStrategy),
		ProcessLeasingStrategy:        wire.Value(a.ProcessLeasingStrategy),
		HeartbeatCullStrategy:         wire.Value(a.HeartbeatCullStrategy),
		HeartbeatResurrectionStrategy: wire.Value(a.HeartbeatResurrectionStrategy),
		HeartbeatBasis:                wire.Value(a.HeartbeatBasis),

		RequireHeartbeat:        wire.Value(a.RequireHeartbeat),
		HeartbeatDuration:       duration(a.HeartbeatDuration),
		RequireCheckIn:          wire.Value(a.RequireCheckIn),
		CheckInInterval:         wire.Value(a.CheckInInterval),
		CheckInIntervalCount:    wire.Int(a.CheckInIntervalCount),
		RequireProductScope:     wire.Value(a.RequireProductScope),
		RequirePolicyScope:      wire.Value(a.RequirePolicyScope),
		RequireMachineScope:     wire.Value(a.RequireMachineScope),
		RequireFingerprintScope: wire.Value(a.RequireFingerprintScope),
		RequireComponentsScope:  wire.Value(a.RequireComponentsScope),
		RequireUserScope:        wire.Value(a.RequireUserScope),
		RequireChecksumScope:    wire.Value(a.RequireChecksumScope),
		RequireVersionScope:     wire.Value(a.RequireVersionScope),

		Metadata:  decodeMetadata(a.Metadata),
		CreatedAt: moment(a.Created),
		UpdatedAt: moment(a.Updated),
	}
}

func productFromWire(w *keygenwire.Product) *Product {
	a, r := wire.Value(w.Attributes), wire.Value(w.Relationships)
	return &Product{
		ID:                   wire.Value(w.ID),
		AccountID:            related(r.Account),
		Name:                 wire.Value(a.Name),
		Code:                 wire.Value(a.Code),
		URL:                  wire.Value(a.URL),
		DistributionStrategy: DistributionStrategy(wire.Value(a.DistributionStrategy)),
		Platforms:            a.Platforms,
		Permissions:          a.Permissions,
		Metadata:             decodeMetadata(a.Metadata),
		CreatedAt:            moment(a.Created),
		UpdatedAt:            moment(a.Updated),
	}
}

func licenseFromWire(w *keygenwire.License) *License {
	a, r := wire.Value(w.Attributes), wire.Value(w.Relationships)
	return &License{
		ID:        wire.Value(w.ID),
		Key:       wire.Value(a.Key),
		PolicyID:  related(r.Policy),
		ProductID: related(r.Product),
		AccountID: related(r.Account),
		OwnerID:   related(r.Owner),
		GroupID:   related(r.Group),
		Name:      wire.Value(a.Name),
		Status:    LicenseStatus(wire.Value(a.Status)),
		ExpiresAt: moment(a.Expiry),
		Suspended: wire.Value(a.Suspended),
		Protected: wire.Value(a.Protected),
		Version:   wire.Value(a.Version),
		Uses:      wire.Int(a.Uses),
		Users:     usersOf(r.Users),
		Machines:  machinesOf(r.Machines),

		MaxMachines:  limit(a.MaxMachines),
		MaxProcesses: limit(a.MaxProcesses),
		MaxUsers:     limit(a.MaxUsers),
		MaxCores:     limit(a.MaxCores),
		MaxMemory:    limit(a.MaxMemory),
		MaxDisk:      limit(a.MaxDisk),
		MaxUses:      limit(a.MaxUses),

		Scheme:           Scheme(wire.Value(a.Scheme)),
		Encrypted:        wire.Value(a.Encrypted),
		Strict:           wire.Value(a.Strict),
		Floating:         wire.Value(a.Floating),
		RequireHeartbeat: wire.Value(a.RequireHeartbeat),
		RequireCheckIn:   wire.Value(a.RequireCheckIn),

		LastValidatedAt: moment(a.LastValidated),
		LastCheckInAt:   moment(a.LastCheckIn),
		LastCheckOutAt:  moment(a.LastCheckOut),
		NextCheckInAt:   moment(a.NextCheckIn),
		Metadata:        decodeMetadata(a.Metadata),
		CreatedAt:       moment(a.Created),
		UpdatedAt:       moment(a.Updated),
	}
}

func usersOf(w *keygenwire.CountedUsers) int {
	return wire.Int(wire.Value(wire.Value(w).Meta).Count)
}

func machinesOf(w *keygenwire.CountedMachines) MachineTotals {
	m := wire.Value(wire.Value(w).Meta)
	return MachineTotals{Count: wire.Int(m.Count), Cores: wire.Int(m.Cores), Memory: wire.Int(m.Memory), Disk: wire.Int(m.Disk)}
}

func tokenFromWire(w *keygenwire.Token) *ProductToken {
	a, r := wire.Value(w.Attributes), wire.Value(w.Relationships)
	return &ProductToken{
		ID:        wire.Value(w.ID),
		Token:     wire.Value(a.Token),
		Kind:      wire.Value(a.Kind),
		Name:      wire.Value(a.Name),
		ProductID: related(r.Bearer),
		AccountID: related(r.Account),
		ExpiresAt: moment(a.Expiry),
		CreatedAt: moment(a.Created),
		UpdatedAt: moment(a.Updated),
	}
}

func pageFromWire[W, T any](w *listAnswer[W], convert func(*W) *T) *Page[T] {
	page := &Page[T]{Items: make([]*T, len(w.Data))}
	for i := range w.Data {
		page.Items[i] = convert(&w.Data[i])
	}
	if links := w.Links; links != nil {
		meta := wire.Value(links.Meta)
		page.Pages, page.Count = wire.Int(meta.Pages), wire.Int(meta.Count)
		page.Next, _ = cursorIn(links.Next)
	}
	return page
}

// cursorIn finds the cursor in the address of a page. It reports false if there
// is an address without one, or with one that the vendor would refuse.
func cursorIn(address *string) (cursor string, ok bool) {
	if wire.Value(address) == "" {
		return "", true
	}
	page, err := url.Parse(*address)
	if err != nil {
		return "", false
	}
	cursor = page.Query().Get("page[cursor]")
	_, ok = canonicalID(cursor)
	return cursor, ok
}

// related returns the id of what a resource belongs to.
func related(w *keygenwire.Relationship) string {
	return wire.Value(wire.Value(wire.Value(w).Data).ID)
}

func moment(t *wire.Time) time.Time { return wire.Value(t).Time }

func limit(n *int64) Opt[int] {
	if n == nil {
		return Opt[int]{}
	}
	return Set(wire.Int(n))
}

// duration reads seconds; more than a time.Duration holds are cut to what it
// does.
func duration(seconds *int64) time.Duration {
	const most = math.MaxInt64 / int64(time.Second)
	return time.Duration(min(max(wire.Value(seconds), -most), most)) * time.Second
}

// To the wire. Arguments have been checked before.

func (p *ListKeysParams) toWire() keygenwire.ListKeysParams {
	return keygenwire.ListKeysParams{
		Limit:      wire.Present(int64(p.Limit)),
		PageSize:   wire.Present(int64(p.PageSize)),
		PageNumber: wire.Present(int64(p.Page)),
		PageCursor: p.Cursor.pointer(),
		Order:      wire.Present(keygenwire.Order(p.Order)),
		Product:    wire.Present(p.ProductID),
		Policy:     wire.Present(p.PolicyID),
	}
}

func (p *ListPoolParams) toWire() keygenwire.ListPoolParams {
	return keygenwire.ListPoolParams{
		Limit:      wire.Present(int64(p.Limit)),
		PageSize:   wire.Present(int64(p.PageSize)),
		PageNumber: wire.Present(int64(p.Page)),
		PageCursor: p.Cursor.pointer(),
		Order:      wire.Present(keygenwire.Order(p.Order)),
	}
}

func (p *ListPoliciesParams) toWire() keygenwire.ListPoliciesParams {
	return keygenwire.ListPoliciesParams{
		Limit:      wire.Present(int64(p.Limit)),
		PageSize:   wire.Present(int64(p.PageSize)),
		PageNumber: wire.Present(int64(p.Page)),
		PageCursor: p.Cursor.pointer(),
		Order:      wire.Present(keygenwire.Order(p.Order)),
		Product:    wire.Present(p.ProductID),
	}
}

func (p *ListLicensesParams) toWire() keygenwire.ListLicensesParams {
	return keygenwire.ListLicensesParams{
		Limit:      wire.Present(int64(p.Limit)),
		PageSize:   wire.Present(int64(p.PageSize)),
		PageNumber: wire.Present(int64(p.Page)),
		PageCursor: p.Cursor.pointer(),
		Order:      wire.Present(keygenwire.Order(p.Order)),
		Product:    wire.Present(p.ProductID),
		Policy:     wire.Present(p.PolicyID),
	}
}

func (p *CreateKeyParams) toWire() keygenwire.CreateKeyRequest {
	return keygenwire.CreateKeyRequest{Data: keygenwire.CreateKeyData{
		Type:          keygenwire.KeyTypeKeys,
		Attributes:    keygenwire.CreateKeyAttributes{Key: p.Key},
		Relationships: keygenwire.CreateKeyRelationships{Policy: policyRelationship(p.PolicyID)},
	}}
}

func (p *UpdateKeyParams) toWire() keygenwire.UpdateKeyRequest {
	return keygenwire.UpdateKeyRequest{Data: keygenwire.UpdateKeyData{
		Type:       keygenwire.KeyTypeKeys,
		Attributes: keygenwire.UpdateKeyAttributes{Key: wire.Present(p.Key)},
	}}
}

func (p *CreatePolicyParams) toWire() keygenwire.CreatePolicyRequest {
	metadata, _ := encodeMetadata(p.Metadata)
	return keygenwire.CreatePolicyRequest{Data: keygenwire.CreatePolicyData{
		Type: keygenwire.PolicyTypePolicies,
		Attributes: keygenwire.CreatePolicyAttributes{
			Name:      p.Name,
			UsePool:   wire.Present(p.UsePool),
			Duration:  wire.Present(seconds(p.Duration)),
			Strict:    wire.Present(p.Strict),
			Floating:  wire.Present(p.Floating),
			Protected: p.Protected.pointer(),
			Encrypted: wire.Present(p.Encrypted),
			Scheme:    wire.Present(string(p.Scheme)),

			MaxMachines:  wire.Present(int64(p.MaxMachines)),
			MaxProcesses: wire.Present(int64(p.MaxProcesses)),
			MaxUsers:     wire.Present(int64(p.MaxUsers)),
			MaxCores:     wire.Present(int64(p.MaxCores)),
			MaxMemory:    wire.Present(int64(p.MaxMemory)),
			MaxDisk:      wire.Present(int64(p.MaxDisk)),
			MaxUses:      wire.Present(int64(p.MaxUses)),

			AuthenticationStrategy:        wire.Present(string(p.AuthenticationStrategy)),
			ExpirationStrategy:            wire.Present(string(p.ExpirationStrategy)),
			ExpirationBasis:               wire.Present(p.ExpirationBasis),
			RenewalBasis:                  wire.Present(p.RenewalBasis),
			TransferStrategy:              wire.Present(p.TransferStrategy),
			OverageStrategy:               wire.Present(p.OverageStrategy),
			MachineUniquenessStrategy:     wire.Present(p.MachineUniquenessStrategy),
			MachineMatchingStrategy:       wire.Present(p.MachineMatchingStrategy),
			ComponentUniquenessStrategy:   wire.Present(p.ComponentUniquenessStrategy),
			ComponentMatchingStrategy:     wire.Present(p.ComponentMatchingStrategy),
			MachineLeasingStrategy:        wire.Present(p.MachineLeasingStrategy),
			ProcessLeasingStrategy:        wire.Present(p.ProcessLeasingStrategy),
			HeartbeatCullStrategy:         wire.Present(p.HeartbeatCullStrategy),
			HeartbeatResurrectionStrategy: wire.Present(p.HeartbeatResurrectionStrategy),
			HeartbeatBasis:                wire.Present(p.HeartbeatBasis),

			RequireHeartbeat:        wire.Present(p.RequireHeartbeat),
			HeartbeatDuration:       wire.Present(seconds(p.HeartbeatDuration)),
			RequireCheckIn:          wire.Present(p.RequireCheckIn),
			CheckInInterval:         wire.Present(p.CheckInInterval),
			CheckInIntervalCount:    wire.Present(int64(p.CheckInIntervalCount)),
			RequireProductScope:     wire.Present(p.RequireProductScope),
			RequirePolicyScope:      wire.Present(p.RequirePolicyScope),
			RequireMachineScope:     wire.Present(p.RequireMachineScope),
			RequireFingerprintScope: wire.Present(p.RequireFingerprintScope),
			RequireComponentsScope:  wire.Present(p.RequireComponentsScope),
			RequireUserScope:        wire.Present(p.RequireUserScope),
			RequireChecksumScope:    wire.Present(p.RequireChecksumScope),
			RequireVersionScope:     wire.Present(p.RequireVersionScope),
			Metadata:                metadata,
		},
		Relationships: keygenwire.CreatePolicyRelationships{Product: keygenwire.ProductRelationship{
			Data: keygenwire.ProductLinkage{Type: keygenwire.ProductTypeProducts, ID: p.ProductID},
		}},
	}}
}

func (p *CreateProductParams) toWire() keygenwire.CreateProductRequest {
	metadata, _ := encodeMetadata(p.Metadata)
	attributes := keygenwire.CreateProductAttributes{
		Name:                 p.Name,
		Code:                 wire.Present(p.Code),
		URL:                  wire.Present(p.URL),
		DistributionStrategy: wire.Present(string(p.DistributionStrategy)),
		Metadata:             metadata,
	}
	if len(p.Platforms) > 0 {
		attributes.Platforms = p.Platforms
	}
	return keygenwire.CreateProductRequest{Data: keygenwire.CreateProductData{Type: keygenwire.ProductTypeProducts, Attributes: attributes}}
}

func (p *CreateLicenseParams) toWire() keygenwire.CreateLicenseRequest {
	metadata, _ := encodeMetadata(p.Metadata)
	relationships := keygenwire.CreateLicenseRelationships{Policy: policyRelationship(p.PolicyID)}
	if p.OwnerID != "" {
		relationships.Owner = &keygenwire.UserRelationship{Data: keygenwire.UserLinkage{Type: keygenwire.UserTypeUsers, ID: p.OwnerID}}
	}
	if p.GroupID != "" {
		relationships.Group = &keygenwire.GroupRelationship{Data: keygenwire.GroupLinkage{Type: keygenwire.GroupTypeGroups, ID: p.GroupID}}
	}
	return keygenwire.CreateLicenseRequest{Data: keygenwire.CreateLicenseData{
		Type: keygenwire.LicenseTypeLicenses,
		ID:   wire.Present(p.ID),
		Attributes: &keygenwire.CreateLicenseAttributes{
			Key:         wire.Present(p.Key),
			Name:        wire.Present(p.Name),
			Expiry:      timeToWire(p.ExpiresAt),
			Suspended:   wire.Present(p.Suspended),
			Protected:   p.Protected.pointer(),
			MaxMachines: wire.Present(int64(p.MaxMachines)),
			Metadata:    metadata,
		},
		Relationships: relationships,
	}}
}

func policyRelationship(id string) keygenwire.PolicyRelationship {
	return keygenwire.PolicyRelationship{Data: keygenwire.PolicyLinkage{Type: keygenwire.PolicyTypePolicies, ID: id}}
}

// timeToWire returns nil, which is not sent, for no time in any zone.
func timeToWire(t time.Time) *wire.Time {
	if t.IsZero() {
		return nil
	}
	return &wire.Time{Time: t}
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
