package plugin

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// ClickHouse's error codes (src/Common/ErrorCodes.cpp) that a connection can fail with.
const (
	codeUnknownIdentifier = 47
	codeUnknownTable      = 60
	codeUnknownDatabase   = 81
	codeReadonly          = 164
	codeUnknownUser       = 192
	codeWrongPassword     = 193
	codeRequiredPassword  = 194
	codeAccessDenied      = 497
	codeAuthentication    = 516
)

// diagnose says why the store does not answer and what to do about it. Errors are told apart by their types; what has
// none is not ClickHouse.
func (l login) diagnose(err error) string {
	var refused *clickhouse.Exception
	if errors.As(err, &refused) {
		return l.diagnoseRefusal(refused)
	}
	var answer *clickhouse.HTTPError
	var name *net.DNSError
	var connection *net.OpError
	switch {
	case isCertificate(err):
		return fmt.Sprintf("The certificate of %s is not trusted (%v): set With CA Cert and its certificate authority, or "+
			"correct the host name in the URL.", l.address, certificateError(err))
	case isTLS(err):
		return fmt.Sprintf("%s does not speak TLS: write http:// in the URL, or the port for TLS, by default 8443.", l.address)
	case errors.As(err, &name):
		return fmt.Sprintf("There is no host %q: correct the URL.", name.Name)
	case errors.Is(err, context.DeadlineExceeded) || os.IsTimeout(err):
		return fmt.Sprintf("%s did not answer within %s: is the host in the URL right, and does a firewall let Grafana "+
			"through to the port?", l.address, healthTimeout)
	case errors.As(err, &answer):
		return fmt.Sprintf("%s is not ClickHouse's HTTP interface: it answers HTTP %d. Correct the URL; the port is 8123 "+
			"by default, 8443 with https.", l.address, answer.StatusCode)
	case errors.As(err, &connection):
		return fmt.Sprintf("%s cannot be reached (%v): start the store, or correct host and port in the URL.",
			l.address, connection.Err)
	}
	return fmt.Sprintf("%s does not answer as ClickHouse's HTTP interface does: correct the URL; the port is 8123 by "+
		"default, 8443 with https. (%.300s)", l.address, err)
}

// diagnoseRefusal says what ClickHouse does not like.
func (l login) diagnoseRefusal(refused *clickhouse.Exception) string {
	switch refused.Code {
	case codeAuthentication, codeWrongPassword, codeUnknownUser, codeRequiredPassword:
		return fmt.Sprintf("ClickHouse at %s refuses the user %q or its password: correct Username and Password.",
			l.address, l.username)
	case codeUnknownDatabase:
		return fmt.Sprintf("ClickHouse at %s has no database %q: correct Database, or create it with `steptrace migrate`.",
			l.address, l.database)
	case codeUnknownTable:
		return fmt.Sprintf("The database %q at %s has no Steptrace tables: run `steptrace migrate`, or correct Database.",
			l.database, l.address)
	case codeUnknownIdentifier:
		return fmt.Sprintf("The tables in database %q at %s are not those of a released Steptrace: use a new database.",
			l.database, l.address)
	case codeAccessDenied:
		return fmt.Sprintf("The user %q may not read database %q at %s: GRANT SELECT ON %s.* to it, or take the user that "+
			"`steptrace migrate --users` makes.", l.username, l.database, l.address, l.database)
	case codeReadonly:
		return fmt.Sprintf("The user %q may not change settings, and queries set how long they may take: give it "+
			"readonly = 2 instead of 1.", l.username)
	}
	return fmt.Sprintf("ClickHouse at %s fails: %.500s", l.address, refused.Error())
}

func isCertificate(err error) bool { return certificateError(err) != nil }

func certificateError(err error) error {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	switch {
	case errors.As(err, &verification):
		return verification.Err
	case errors.As(err, &authority):
		return authority
	case errors.As(err, &hostname):
		return hostname
	}
	return nil
}

// isTLS tells whether what answers a TLS handshake is something else.
func isTLS(err error) bool {
	var header tls.RecordHeaderError
	return errors.As(err, &header)
}
