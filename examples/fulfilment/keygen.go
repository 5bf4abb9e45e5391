package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/keysmith-go/keysmith/keygen"
)

// KeygenSeller sells at Keygen. A license is given its id beforehand, and no two
// can have the same: made of the order, it finds the license even if everything
// else is lost.
type KeygenSeller struct {
	Licenses *keygen.LicensesService
	PolicyID string
}

// Issue creates a license, drawing its key from the policy's pool if it has one.
// The client looks by itself what became of a lost answer.
func (s *KeygenSeller) Issue(ctx context.Context, order Order) (string, error) {
	license, err := s.Licenses.Create(ctx, keygen.CreateLicenseParams{
		ID:       s.licenseID(order),
		PolicyID: s.PolicyID,
		Name:     order.Label(),
	})
	if err == nil {
		return license.Key, nil
	}
	var e *keygen.Error
	switch {
	case errors.Is(err, keygen.ErrConflict) && !errors.Is(err, keygen.ErrPoolEmpty):
		// A license may have this id already. Find tells.
	case errors.As(err, &e) && e.Outcome != keygen.OutcomeUnknown:
		err = &Failure{Err: err, Issued: e.Outcome == keygen.OutcomeApplied, RetryAfter: e.RetryAfter}
	}
	return "", err
}

// Find gets the license by its id.
func (s *KeygenSeller) Find(ctx context.Context, order Order) ([]string, error) {
	license, err := s.Licenses.Get(ctx, s.licenseID(order))
	switch {
	case errors.Is(err, keygen.ErrNotFound) && !errors.Is(err, keygen.ErrAccountNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	default:
		return []string{license.Key}, nil
	}
}

// licenseID makes a UUID of policy and order, always the same one.
func (s *KeygenSeller) licenseID(order Order) string {
	id := sha256.Sum256([]byte(s.PolicyID + " " + order.Label()))
	id[6] = id[6]&0x0f | 0x80 // version 8: made in a way of one's own
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:16])
}
