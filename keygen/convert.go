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
	a, r := &w.Attributes, &w.Relationships
	return &Key{
		ID:        w.ID,
		Key:       a.Key,
		PolicyID:  related(&r.Policy),
		ProductID: related(&r.Product),
		AccountID: related(&r.Account),
		CreatedAt: a.Created.Time,
		UpdatedAt: a.Updated.Time,
	}
}

func policyFromWire(w *keygenwire.Policy) *Policy {
	a, r := &w.Attributes, &w.Relationships
	return &Policy{
		ID:        w.ID,
		ProductID: related(&r.Product),
		AccountID: related(&r.Account),
		Name:      a.Name,
		UsePool:   a.UsePool,
		Duration:  duration(a.Duration),
		Strict:    a.Strict,
		Floating:  a.Floating,
		Protected: a.Protected,
		Encrypted: a.Encrypted,
		Scheme:    Scheme(a.Scheme),

		MaxMachines:  limit(a.MaxMachines),
		MaxProcesses: limit(a.MaxProcesses),
		MaxUsers:     limit(a.MaxUsers),
		MaxCores:     limit(a.MaxCores),
		MaxMemory:    limit(a.MaxMemory),
		MaxDisk:      limit(a.MaxDisk),
		MaxUses:      limit(a.MaxUses),

		AuthenticationStrategy:        AuthenticationStrategy(a.AuthenticationStrategy),
		ExpirationStrategy:            ExpirationStrategy(a.ExpirationStrategy),
		ExpirationBasis:               a.ExpirationBasis,
		RenewalBasis:                  a.RenewalBasis,
		TransferStrategy:              a.TransferStrategy,
		OverageStrategy:               a.OverageStrategy,
		MachineUniquenessStrategy:     a.MachineUniquenessStrategy,
		MachineMatchingStrategy:       a.MachineMatchingStrategy,
		ComponentUniquenessStrategy:   a.ComponentUniquenessStrategy,
		ComponentMatchingStrategy:     a.ComponentMatchingStrategy,
		MachineLeasingStrategy:        a.MachineLeasingStrategy,
		ProcessLeasingStrategy:        a.ProcessLeasingStrategy,
		HeartbeatCullStrategy:         a.HeartbeatCullStrategy,
		HeartbeatResurrectionStrategy: a.HeartbeatResurrectionStrategy,
		HeartbeatBasis:                a.HeartbeatBasis,

		RequireHeartbeat:        a.RequireHeartbeat,
		HeartbeatDuration:       duration(a.HeartbeatDuration),
		RequireCheckIn:          a.RequireCheckIn,
		CheckInInterval:         a.CheckInInterval,
		CheckInIntervalCount:    wire.Whole(a.CheckInIntervalCount),
		RequireProductScope:     a.RequireProductScope,
		RequirePolicyScope:      a.RequirePolicyScope,
		RequireMachineScope:     a.RequireMachineScope,
		RequireFingerprintScope: a.RequireFingerprintScope,
		RequireComponentsScope:  a.RequireComponentsScope,
		RequireUserScope:        a.RequireUserScope,
		RequireChecksumScope:    a.RequireChecksumScope,
		RequireVersionScope:     a.RequireVersionScope,

		Metadata:  decodeMetadata(a.Metadata),
		CreatedAt: a.Created.Time,
		UpdatedAt: a.Updated.Time,
	}
}

func productFromWire(w *keygenwire.Product) *Product {
	a, r := &w.Attributes, &w.Relationships
	return &Product{
		ID:                   w.ID,
		AccountID:            related(&r.Account),
		Name:                 a.Name,
		Code:                 a.Code,
		URL:                  a.URL,
		DistributionStrategy: DistributionStrategy(a.DistributionStrategy),
		Platforms:            a.Platforms,
		Permissions:          a.Permissions,
		Metadata:             decodeMetadata(a.Metadata),
		CreatedAt:            a.Created.Time,
		UpdatedAt:            a.Updated.Time,
	}
}

func licenseFromWire(w *keygenwire.License) *License {
	a, r := &w.Attributes, &w.Relationships
	return &License{
		ID:        w.ID,
		Key:       a.Key,
		PolicyID:  related(&r.Policy),
		ProductID: related(&r.Product),
		AccountID: related(&r.Account),
		OwnerID:   related(&r.Owner),
		GroupID:   related(&r.Group),
		Name:      a.Name,
		Status:    LicenseStatus(a.Status),
		ExpiresAt: a.Expiry.Time,
		Suspended: a.Suspended,
		Protected: a.Protected,
		Version:   a.Version,
		Uses:      wire.Whole(a.Uses),
		Users:     usersOf(&r.Users),
		Machines:  machinesOf(&r.Machines),

		MaxMachines:  limit(a.MaxMachines),
		MaxProcesses: limit(a.MaxProcesses),
		MaxUsers:     limit(a.MaxUsers),
		MaxCores:     limit(a.MaxCores),
		MaxMemory:    limit(a.MaxMemory),
		MaxDisk:      limit(a.MaxDisk),
		MaxUses:      limit(a.MaxUses),

		Scheme:           Scheme(a.Scheme),
		Encrypted:        a.Encrypted,
		Strict:           a.Strict,
		Floating:         a.Floating,
		RequireHeartbeat: a.RequireHeartbeat,
		RequireCheckIn:   a.RequireCheckIn,

		LastValidatedAt: a.LastValidated.Time,
		LastCheckInAt:   a.LastCheckIn.Time,
		LastCheckOutAt:  a.LastCheckOut.Time,
		NextCheckInAt:   a.NextCheckIn.Time,
		Metadata:        decodeMetadata(a.Metadata),
		CreatedAt:       a.Created.Time,
		UpdatedAt:       a.Updated.Time,
	}
}

func usersOf(w *keygenwire.CountedUsers) int { return wire.Whole(w.Meta.Count) }

func machinesOf(w *keygenwire.CountedMachines) MachineTotals {
	m := &w.Meta
	return MachineTotals{Count: wire.Whole(m.Count), Cores: wire.Whole(m.Cores), Memory: wire.Whole(m.Memory), Disk: wire.Whole(m.Disk)}
}

func tokenFromWire(w *keygenwire.Token) *ProductToken {
	a, r := &w.Attributes, &w.Relationships
	return &ProductToken{
		ID:        w.ID,
		Token:     a.Token,
		Kind:      a.Kind,
		Name:      a.Name,
		ProductID: related(&r.Bearer),
		AccountID: related(&r.Account),
		ExpiresAt: a.Expiry.Time,
		CreatedAt: a.Created.Time,
		UpdatedAt: a.Updated.Time,
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
	return w.Data.ID
}

func limit(n *int64) Opt[int] {
	if n == nil {
		return Opt[int]{}
	}
	return Set(wire.Int(n))
}

// duration reads seconds; more than a time.Duration holds are cut to what it
// does.
func duration(seconds int64) time.Duration {
	const most = math.MaxInt64 / int64(time.Second)
	return time.Duration(min(max(seconds, -most), most)) * time.Second
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
