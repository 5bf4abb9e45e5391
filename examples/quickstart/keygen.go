package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// keygenShop sells keys that were made beforehand, from a pool at Keygen.
type keygenShop struct {
	teller
	client   *keygen.Client
	policyID string
}

// keygenStory runs the shop against the embedded mock.
func keygenStory(ctx context.Context, out io.Writer) error {
	server := mockserver.New(mockserver.WithStart(opening))
	account := server.Keygen()
	client, err := keygen.New(keygen.Config{
		Account:    account.Account(),
		Credential: keygen.Token(account.Token()),
		HTTPClient: server.Client(),                       // leave this out, and the same code talks to the vendor
		PublicKey:  account.PublicKey(keygenmock.Ed25519), // on the dashboard: believe nothing that the vendor has not signed
		Now:        server.Now,                            // leave this out as well
	})
	if err != nil {
		return err
	}
	s := &keygenShop{teller: teller{out, server}, client: client}

	fmt.Fprintln(out, "Keygen")
	for _, chapter := range []func(context.Context) error{
		s.fill, s.sell, s.loseALicense, s.loseAKey, s.pop, s.sellOut, s.refuseAForgery,
	} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return nil
}

// fill makes a product, a policy with a pool, and puts keys into it.
func (s *keygenShop) fill(ctx context.Context) error {
	product, err := s.client.Products.Create(ctx, keygen.CreateProductParams{Name: "Editor", Code: "editor"})
	if err != nil {
		return err
	}
	policy, err := s.client.Policies.Create(ctx, keygen.CreatePolicyParams{
		Name:      "Editor, 30 days",
		ProductID: product.ID,
		UsePool:   true,
		Duration:  30 * day,
	})
	if err != nil {
		return err
	}
	s.policyID = policy.ID
	for n := range 3 {
		if _, err := s.client.Keys.Create(ctx, keygen.CreateKeyParams{Key: fmt.Sprintf("EDITOR-%04d", n+1), PolicyID: policy.ID}); err != nil {
			return err
		}
	}
	s.say("filled    the pool of %q", policy.Name)
	return s.count(ctx)
}

// count tells what is left in the pool.
func (s *keygenShop) count(ctx context.Context) error {
	left := 0
	for _, err := range s.client.Pool(s.policyID).All(ctx, keygen.ListPoolParams{}) {
		if err != nil {
			return err
		}
		left++
	}
	s.say("left      in the pool: %d", left)
	return nil
}

// sell draws a key from the pool and makes it a license.
func (s *keygenShop) sell(ctx context.Context) error {
	license, err := s.client.Licenses.Create(ctx, keygen.CreateLicenseParams{PolicyID: s.policyID, Name: "order 1042"})
	if err != nil {
		return err
	}
	s.say("sold      %s for %q, valid until %s", license.Key, license.Name, date(license.ExpiresAt))
	return nil
}

// loseALicense sells at the very moment when the connection breaks. The license
// has an id that the client chose, so the client finds it by that.
func (s *keygenShop) loseALicense(ctx context.Context) error {
	s.loseTheAnswer(keygenmock.OpCreateLicense)
	license, err := s.client.Licenses.Create(ctx, keygen.CreateLicenseParams{PolicyID: s.policyID, Name: "order 1043"})
	if err != nil {
		return err // ErrUnknownOutcome, where the license is not found: look for Error.LicenseID later
	}
	s.say("lost      the answer for %q, and found the license by its id: %s", license.Name, license.Key)
	return s.count(ctx)
}

// loseAKey refills the pool when the connection breaks. No two keys can have the
// same string, so the client tries again and recognizes its own.
func (s *keygenShop) loseAKey(ctx context.Context) error {
	s.loseTheAnswer(keygenmock.OpCreateKey)
	key, err := s.client.Keys.Create(ctx, keygen.CreateKeyParams{Key: "EDITOR-0004", PolicyID: s.policyID})
	if err != nil {
		return err
	}
	s.say("lost      the answer for a new key, and recognized it: %s", key.Key)
	return s.count(ctx)
}

// pop takes a key out of the pool, to be handed out on paper.
func (s *keygenShop) pop(ctx context.Context) error {
	key, err := s.client.Pool(s.policyID).Pop(ctx)
	if err != nil {
		return err // if its outcome is unknown, a key may be gone: the error says how to find out
	}
	s.say("popped    %s for a reseller", key.Key)
	return nil
}

// sellOut sells until the pool has nothing left.
func (s *keygenShop) sellOut(ctx context.Context) error {
	for order := 1044; ; order++ {
		name := fmt.Sprintf("order %d", order)
		license, err := s.client.Licenses.Create(ctx, keygen.CreateLicenseParams{PolicyID: s.policyID, Name: name})
		switch {
		case errors.Is(err, keygen.ErrPoolEmpty):
			s.say("sold out  %q has to wait for new keys", name)
			return nil
		case err != nil:
			return err
		}
		s.say("sold      %s for %q", license.Key, name)
	}
}

// refuseAForgery asks for a license that has expired, while somebody on the way
// answers in the vendor's place that it has not.
func (s *keygenShop) refuseAForgery(ctx context.Context) error {
	s.server.Advance(31 * day)
	s.say("waited    31 days")
	s.server.Inject(mockserver.Fault{
		Op:    keygenmock.OpGetLicense,
		Phase: mockserver.AfterCommit,
		Do: mockserver.Status(200).WithBody("application/vnd.api+json",
			`{"data": {"type": "licenses", "id": "b18e3f3a-330c-4d8d-ae2e-014db21fa827", "attributes": {"key": "EDITOR-0003", "status": "ACTIVE"}}}`),
		Times: 1,
	})
	_, err := s.client.Licenses.Get(ctx, "EDITOR-0003")
	if !errors.Is(err, keygen.ErrSignature) {
		return fmt.Errorf("expected the answer to be refused, got: %w", err)
	}
	s.say("refused   an answer that the vendor has not signed")

	license, err := s.client.Licenses.Get(ctx, "EDITOR-0003")
	if err != nil {
		return err
	}
	s.say("believed  the vendor's own: %s is %s", license.Key, license.Status)
	return nil
}

// loseTheAnswer breaks the connection once, when the vendor has done the work.
func (s *keygenShop) loseTheAnswer(op string) {
	s.server.Inject(mockserver.Fault{Op: op, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1})
}
