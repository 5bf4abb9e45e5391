package keycrate

import (
	"context"
	"errors"
	"iter"

	"github.com/keysmith-go/keysmith/internal/keycratewire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

// SubscriptionsService has the vendor's operations on subscriptions, the tiers
// of an app that licenses belong to. Get it from [Client.Subscriptions].
//
// Each method names its endpoint and the class of its operation, which decides
// how often it may be sent; the package documentation explains the three
// classes. Every error is an [*Error]. Besides its own errors, every method may
// return those that any call may: [ErrInvalidAPIKey], [ErrAccessDenied],
// [ErrInvalid], [ErrRateLimited], [ErrServer], [ErrBadResponse].
type SubscriptionsService struct {
	transport *transport.Client
}

// Create creates a subscription and returns it.
//
//	POST /subscription/create · Once
//
// Two subscriptions of an app may have one name, so a repeated call makes a
// second one. After [ErrUnknownOutcome], list the subscriptions of the app and
// look for the name: give each a name of its own, and one that is there is the
// subscription of this call. If there is none, nothing was created, and Create
// may be called again. After an error whose Outcome is [OutcomeApplied], find it
// in the same way.
//
// Errors: [ErrAppNotFound]; [ErrInvalid] for parameters out of bounds;
// [ErrUnknownOutcome].
func (s *SubscriptionsService) Create(ctx context.Context, params CreateSubscriptionParams) (*Subscription, error) {
	req, err := request(params.check(), keycratewire.NewCreateSubscriptionRequest, params.toWire())
	answer, err := call[createSubscriptionAnswer](ctx, s.transport, keycratewire.CreateSubscriptionOp, req, err)
	if err != nil {
		return nil, err
	}
	return answer.list[0], nil
}

// List returns all subscriptions of an app, ordered by level and name. The
// vendor does not page this list.
//
//	POST /subscription/get-bulk · Read
//
// Errors: [ErrAppNotFound].
func (s *SubscriptionsService) List(ctx context.Context, appID string) ([]*Subscription, error) {
	var found faults
	found.uuid("appID", appID)
	req, err := request(found, keycratewire.NewListSubscriptionsRequest, keycratewire.ListSubscriptionsRequest{AppID: appID})
	answer, err := call[listSubscriptionsAnswer](ctx, s.transport, keycratewire.ListSubscriptionsOp, req, err)
	if err != nil {
		return nil, err
	}
	return answer.list, nil
}

// All walks over what List returns, which it calls when the loop begins. It
// ends after an error, which comes with a nil subscription.
//
//	POST /subscription/get-bulk · Read, once per page
//
// The vendor has one page for all. Errors are those of
// [SubscriptionsService.List].
func (s *SubscriptionsService) All(ctx context.Context, appID string) iter.Seq2[*Subscription, error] {
	return func(yield func(*Subscription, error) bool) {
		list, err := s.List(ctx, appID)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, subscription := range list {
			if !yield(subscription, nil) {
				return
			}
		}
	}
}

// Edit changes the fields of a subscription that params sets, leaves the others
// alone, and returns the subscription. If the vendor's answer says success and
// shows none, the Subscription returned has only its ID.
//
//	POST /subscription/edit · Idempotent
//
// After [ErrUnknownOutcome] list the subscriptions of the app and compare.
// Calling Edit again does no harm as long as nobody else changes the
// subscription.
//
// Errors: [ErrSubscriptionNotFound]; [ErrInvalid] if nothing is set, or
// something out of bounds; [ErrUnknownOutcome].
func (s *SubscriptionsService) Edit(ctx context.Context, id string, params EditSubscriptionParams) (*Subscription, error) {
	found := params.check()
	found.uuid("id", id)
	req, err := request(found, keycratewire.NewEditSubscriptionRequest, params.toWire(id))
	answer, err := call[editSubscriptionAnswer](ctx, s.transport, keycratewire.EditSubscriptionOp, req, err)
	if err != nil {
		return nil, err
	}
	return answer.subscription(id), nil
}

// Delete deletes a subscription AND ALL LICENSES THAT BELONG TO IT, for good:
// no customer of the subscription can use the product any more. To keep the
// licenses, move each with [LicensesService.SetSubscription] first; to switch
// the subscription off so that it can be switched on again, Edit its Status.
//
//	POST /subscription/delete · Idempotent
//
// If the vendor does not find the subscription after an attempt whose outcome
// is unknown, it is gone, most likely by that attempt, and Delete succeeds; the
// Deletion is empty then. After [ErrUnknownOutcome] call Delete again; then
// [ErrSubscriptionNotFound] means that it is done.
//
// Errors: [ErrSubscriptionNotFound]; [ErrUnknownOutcome].
func (s *SubscriptionsService) Delete(ctx context.Context, id string) (*Deletion, error) {
	var found faults
	found.uuid("id", id)
	req, err := request(found, keycratewire.NewDeleteSubscriptionRequest, keycratewire.DeleteSubscriptionRequest{SubscriptionID: id})
	answer, err := call[deleteSubscriptionAnswer](ctx, s.transport, keycratewire.DeleteSubscriptionOp, req, err)
	switch {
	case transport.Gone(err) && errors.Is(err, ErrSubscriptionNotFound):
		return &Deletion{}, nil
	case err != nil:
		return nil, err
	}
	return deletionFromWire(&answer.SubscriptionDeletionResponse), nil
}
