package sdk

// NewRPCSender returns a [Sender] that broadcasts through an RPC node that is
// not one of the client's, for example a paid connection that only sends. The
// options are those of [New], such as [WithHeader], [WithSkipPreflight] and
// [WithFallback] for further nodes.
//
// Use it in [Senders] together with others. All of them get the same bytes, the
// first acceptance counts, and the transaction is refused only if all refuse
// it. What became of the transaction always comes from the client's own nodes.
func NewRPCSender(endpoint string, opts ...Option) (Sender, error) {
	client, err := New(endpoint, opts...)
	if err != nil {
		return nil, err
	}
	return client.Sender(), nil
}
