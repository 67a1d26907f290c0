// Unsigned records, made up.

/** A ClrCredential around this many achievements, whose text is as long as a real course's unless told otherwise. */
export function record(nested, sentences = 45) {
  const narrative = "Explains, applies and combines what the course is about. ".repeat(sentences);
  return {
    name: `Transcript of ${nested} courses`,
    credentialSubject: {
      id: "did:example:learner",
      type: ["ClrSubject"],
      verifiableCredential: Array.from({ length: nested }, (_, number) => achievement(`Course-${number}`, narrative)),
    },
  };
}

function achievement(name, narrative) {
  return {
    type: ["VerifiableCredential", "AchievementCredential"],
    name,
    validFrom: "2026-01-10T00:00:00Z",
    credentialSubject: {
      id: "did:example:learner",
      type: ["AchievementSubject"],
      achievement: {
        id: `urn:example:achievement:${name}`,
        type: ["Achievement"],
        name,
        description: `About ${name}.`,
        criteria: { narrative },
      },
    },
  };
}
