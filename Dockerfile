# The mock server alone in an image: docker build -t mockserver .
# Outside of the container it is reachable only with a token:
#
#   docker run -p 127.0.0.1:5397:5397 -e MOCKSERVER_ADMIN_TOKEN=... mockserver
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /mockserver ./mockserver/cmd/mockserver

FROM scratch
COPY --from=build /mockserver /mockserver
USER 65534:65534
EXPOSE 5397
ENV MOCKSERVER_LISTEN=0.0.0.0:5397
HEALTHCHECK --interval=5s --timeout=2s CMD ["/mockserver", "health"]
ENTRYPOINT ["/mockserver"]
