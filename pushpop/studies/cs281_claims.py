"""Each claim of the CS281 study of 2019, the rule that judges it in words, and the function that does.

Where a rule speaks of the best or of a score, it is fine accuracy on the 1,000 validation words at the end of a run,
the median over seeds. The study's own "fine" counted every matching place, which is `token` here.
"""

from pushpop.studies import cs281_plain as plain
from pushpop.studies import cs281_stack as stack
from pushpop.studies.verdicts import Claim

FLOOR = f"Open where no run reaches {plain.FLOOR}."
CLAIMS = (
    Claim(
        says="RNN and LSTM learn the training lengths, to coarse 0.741 and 0.505, and get no longer word right",
        rule="The best net of each kind by validation, of those trained on no more than 1.25 and 2.5 million strings: "
        "confirmed where it reaches the published score and not one test word in a thousand is right, contradicted "
        "where more are, else open.",
        judge=plain.memorised,
    ),
    Claim(
        says="Validation and test accuracy go together",
        rule=f"Spearman's rank correlation of the two over all runs of a kind, {plain.FEWEST} or more: confirmed where "
        f"its 95 % interval lies above 0, contradicted where below, not confirmed where it lies below {plain.ALIKE}, "
        "else open.",
        judge=plain.go_together,
    ),
    Claim(
        says="SGD, RMSProp and Adam differ little at the same rate (the study's SGD was Adam in its code; ours is SGD)",
        rule=f"Confirmed where the worst comes to {plain.ALIKE} of the best or more, else contradicted. {FLOOR}",
        judge=plain.alike,
    ),
    Claim(
        says="RMSProp rises faster than Adam, but more roughly, at rate 0.001",
        rule="Faster: fewer words to the highest level of fine accuracy that either reaches (of "
        f"{', '.join(map(str, plain.LEVELS))}). Rougher: of all the way its curve goes up and down from evaluation to "
        "evaluation, a greater share goes down. Confirmed where both hold, contradicted where neither does. "
        "Open where neither reaches the lowest level.",
        judge=plain.rises_and_shakes,
    ),
    Claim(
        says="The best learning rate is 0.0001 for the RNN and 0.001 for the LSTM",
        rule=f"Confirmed where that rate scores best with Adam, else contradicted. {FLOOR}",
        judge=plain.best_rates,
    ),
    Claim(
        says="Of 1, 2, 4 and 8 layers four are best in the RNN, and eight are worse",
        rule=f"Confirmed where four layers score best, at each width, else contradicted. {FLOOR}",
        judge=plain.best_depth,
    ),
    Claim(
        says="A wide net memorises, a deep one generalises",
        rule="The widest LSTM of one layer beside the narrowest of four: confirmed where the first scores better on "
        "validation and the second on test, contradicted where neither does. Open where neither reaches "
        f"{plain.FLOOR} on either set.",
        judge=plain.wide_or_deep,
    ),
    Claim(
        says="Whether a stack net finds the rule is a matter of the seed",
        rule=f"A seed has learnt at fine {stack.LEARNT} on validation. Confirmed where some do and some do not; "
        f"contradicted where all {stack.MANY} or more do alike.",
        judge=stack.by_luck,
    ),
    Claim(
        says="Stack nets need 100 to 500 times less data",
        rule="Words until validation is at the coarse accuracy published for the plain net: the least of any plain run "
        f"over the median of the stack nets that learn. Confirmed at {stack.LESS} times or more, contradicted below. "
        "Where no plain run gets there its words so far are a lower bound, and the claim is open while that is lower. "
        "(Plain nets are given more here than in the study, to learn from fewer words; its stack nets are not.)",
        judge=stack.less_data,
    ),
    Claim(
        says="The loss of a stack net falls smoothly when it finds the rule",
        rule=f"Of all the way that the loss goes up and down from evaluation to evaluation, {stack.SMOOTH:.0%} or less "
        "goes up. Confirmed where that holds for three in four of the seeds that learn, contradicted where for one in "
        f"four or fewer; open with fewer than {stack.FEW} such seeds.",
        judge=stack.smooth_fall,
    ),
    Claim(
        says="Xavier initialisation of the interface matters",
        rule="Seeds that learn, with Xavier's rule and with torch's, all else the same: confirmed where there are more "
        f"with Xavier's (Fisher's exact test, p < {stack.SURE}), contradicted where fewer, else not confirmed, and "
        f"open with fewer than {stack.MANY} seeds of either.",
        judge=stack.by_first_weights,
    ),
    Claim(
        says="A value of one number is too narrow",
        rule="Stack nets after as many words: contradicted where a seed with values of one number learns, not "
        f"confirmed where one comes to fine {stack.FAILED}, confirmed where some with wide values learn and those with "
        f"one number score lower (exact rank-sum test, p < {stack.SURE}), else open.",
        judge=stack.by_width,
    ),
    Claim(
        says="A small stack net (16h 16e) is still fairly good",
        rule=f"Confirmed where a seed comes to token {stack.FAIRLY} on test, contradicted where none of {stack.MANY} "
        "or more does, else open.",
        judge=stack.small_will_do,
    ),
)
