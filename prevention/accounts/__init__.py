"""People who sign in, their roles and what each role is for.

Owns the user row and the grants; not the pupils, who never have one. Sign-in, sessions and password rules are
Flask-Security's (alive, with an Italian catalogue, passkeys and second factors ready for later); a role is our own
row because it is held *for* an institute or an organisation, which the extension's flat roles cannot say.
"""
