package keygen

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/internal/transport"
)

const (
	// clockSlack is how far the vendor's clock may be off its own records: dates
	// have whole seconds, and several machines answer.
	clockSlack = 2 * time.Second

	// lookBack is how many keys from before a call are looked at.
	lookBack = 1000
)

// ownKey finds out whether a creation that the vendor refused, because the
// string is taken, was refused because of an attempt of its own before. If so,
// it returns the key; else the error, as far as it could be settled.
func (s *KeysService) ownKey(ctx context.Context, params CreateKeyParams, began time.Time, err error) (*Key, error) {
	took := time.Since(began) // by the monotonic clock
	var e *Error
	if !errors.As(err, &e) || e.Outcome != OutcomeUnknown || !e.taken() || e.date.IsZero() {
		return nil, err
	}
	since := e.date.Add(-took - clockSlack)
	key, err := s.find(ctx, params, since)
	switch {
	case err != nil:
		return nil, e.remark("the policy's keys could not be looked through: "+err.Error(), ctx.Err())
	case key == nil || key.CreatedAt.IsZero():
		return nil, e.remark("such a key is not among the newest of the policy", nil)
	case key.CreatedAt.Before(since):
		return nil, settled(e, transport.NotApplied)
	default:
		return key, nil
	}
}

// taken reports whether the string is in use. While an attempt before is still
// being carried out, the vendor finds out too late to say so in its own words.
func (e *Error) taken() bool {
	return errors.Is(e, ErrKeyTaken) || e.raced()
}

// raced reports whether the vendor met a conflict that it did not foresee.
func (e *Error) raced() bool {
	return e.StatusCode == http.StatusConflict && errors.Is(e, ErrConflict)
}

// find looks for a key by its string, newest first; nil if it is not found
// among those created since and the lookBack before.
func (s *KeysService) find(ctx context.Context, params CreateKeyParams, since time.Time) (*Key, error) {
	older := 0
	for key, err := range s.All(ctx, ListKeysParams{PolicyID: params.PolicyID}) {
		if err != nil {
			return nil, err
		}
		if key.Key == params.Key {
			return key, nil
		}
		if key.CreatedAt.Before(since) {
			older++
		}
		if older == lookBack {
			break
		}
	}
	return nil, nil
}

// created finds out whether a creation with the given id took effect although
// its answer is lost. If so, it returns the license; else the error, which then
// tells the id. If the id is ours, at random, nobody else's license can have it:
// then a conflict may be with this very call, if something between us and the
// vendor sent it twice.
func (s *LicensesService) created(ctx context.Context, id string, ours bool, err error) (*License, error) {
	var e *Error
	if !errors.As(err, &e) || id == "" || e.Outcome == OutcomeNotApplied && !(ours && e.raced()) {
		return nil, err
	}
	id, _ = canonicalID(id) // in no spelling that a key could have
	license, err := s.Get(ctx, id)
	if err != nil && e.Outcome == OutcomeNotApplied {
		return nil, e
	}
	e.LicenseID = id
	switch {
	case err == nil && license.Key == "": // an old kind of policy keeps keys to itself
		return nil, settled(e, transport.Applied).remark("the license with the id "+id+" is there, but its key is not shown", nil)
	case err == nil:
		return license, nil
	case errors.Is(err, ErrNotFound):
		return nil, e.remark("it was not there at once; look again in a minute for the license with the id "+id, nil)
	default:
		return nil, e.remark("looking for the license with the id "+id+" failed as well: "+err.Error(), ctx.Err())
	}
}

// remark adds to an error what came of finding out. Of the further failure only
// the end of the context counts as a cause: its kind is not that of the call.
func (e *Error) remark(text string, ended error) *Error {
	e.err = &remarked{e.err, text, ended}
	return e
}

type remarked struct {
	err   error
	text  string
	ended error // nil: the context is not done
}

func (r *remarked) Error() string { return strings.TrimSuffix(r.err.Error(), ".") + "; " + r.text }

func (r *remarked) Unwrap() []error {
	if r.ended == nil {
		return []error{r.err}
	}
	return []error{r.err, r.ended}
}
