package keygen

import (
	"context"

	"github.com/keysmith-go/keysmith/internal/keygenwire"
)

// maxCode is a bound of our own for the codes of products, which the vendor
// does not name one for.
const maxCode = 255

// ProductsService has the vendor's operations on products. Get it from
// [Client.Products].
//
// Each method names its endpoint and the class of its operation, which decides
// how often it may be sent; the package documentation explains the three
// classes. Every error is an [*Error]. Besides its own errors, every method may
// return those that any call may: see [KeysService].
type ProductsService struct{ service service }

// Create creates a product. A product's own token may not.
//
//	POST /accounts/{account}/products · Once
//
// After [ErrUnknownOutcome], or an error whose Outcome is [OutcomeApplied], get
// the product by the Code of this call: not found means that nothing was
// created, unless the vendor is still at work. Without a Code, look in the
// dashboard.
//
// Errors: [ErrInvalid] for parameters out of bounds; [ErrUnknownOutcome].
func (s *ProductsService) Create(ctx context.Context, params CreateProductParams) (*Product, error) {
	req, err := s.service.createProduct(params)
	answer, err := call[productAnswer](ctx, s.service, keygenwire.CreateProductOp, req, err)
	if err != nil {
		return nil, err
	}
	return productFromWire(answer.Data), nil
}

// Get returns one product, by its id or its code; a code with a dot may not be
// found, as with [LicensesService.Get]. A product's own token finds that product
// only.
//
//	GET /accounts/{account}/products/{productId} · Read
//
// Errors: [ErrNotFound]; [ErrInvalid] for what can be neither.
func (s *ProductsService) Get(ctx context.Context, idOrCode string) (*Product, error) {
	req, err := s.service.oneOf("idOrCode", idOrCode, maxCode, keygenwire.NewGetProductRequest)
	answer, err := call[productAnswer](ctx, s.service, keygenwire.GetProductOp, req, err)
	if err != nil {
		return nil, err
	}
	return productFromWire(answer.Data), nil
}

// CreateToken makes a token that authenticates as a product, and may do what a
// product may: manage its own policies, keys and licenses. Its secret is shown
// in this answer and never again.
//
//	POST /accounts/{account}/products/{productId}/tokens · Once
//
// After [ErrUnknownOutcome], or an error whose Outcome is [OutcomeApplied],
// there may be a token that nobody knows. It does no harm, but look in the
// dashboard for one of that time and revoke it; then call CreateToken again.
//
// Errors: [ErrNotFound] if there is no such product; [ErrInvalid] for what is
// no id; [ErrUnknownOutcome].
func (s *ProductsService) CreateToken(ctx context.Context, productID string) (*ProductToken, error) {
	req, err := s.service.one("productID", productID, keygenwire.NewCreateProductTokenRequest)
	answer, err := call[tokenAnswer](ctx, s.service, keygenwire.CreateProductTokenOp, req, err)
	if err != nil {
		return nil, err
	}
	return tokenFromWire(answer.Data), nil
}
