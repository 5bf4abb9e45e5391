package conformance

var junkieShapes []scenario[*shop]
