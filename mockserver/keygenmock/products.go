package keygenmock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

var productOperations = []operation{
	op(OpCreateProduct, "POST", "/products", (*call).createProduct),
	op(OpGetProduct, "GET", "/products/{productId}", (*call).getProduct),
	op(OpCreateProductToken, "POST", "/products/{productId}/tokens", (*call).createProductToken),
}

func (c *call) createProduct() (core.Answer, *failure)      { return core.Answer{}, errInternal }
func (c *call) getProduct() (core.Answer, *failure)         { return core.Answer{}, errInternal }
func (c *call) createProductToken() (core.Answer, *failure) { return core.Answer{}, errInternal }

// encodeProduct shows a product as the data of a document.
func (c *call) encodeProduct(p *Product) any { return nil }
