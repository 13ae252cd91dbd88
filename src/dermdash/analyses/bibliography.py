"""Every source that a section cites, written once: the list of references of a report then has each once."""

ARVESEN = "Arvesen JN. Jackknifing U-statistics. Ann Math Stat 1969; 40: 2076-2100."
BIRNBAUM = (
    "Birnbaum A. Some latent trait models. In: Lord FM, Novick MR. Statistical Theories of Mental Test Scores. 1968."
)
BOCK = "Bock RD, Aitkin M. Marginal maximum likelihood estimation of item parameters. Psychometrika 1981; 46: 443-459."
BONETT = (
    "Bonett DG, Wright TA. Sample size requirements for estimating Pearson, Kendall and Spearman correlations. "
    "Psychometrika 2000; 65: 23-28."
)
CAMERON = (
    "Cameron AC, Gelbach JB, Miller DL. Robust inference with multiway clustering. J Bus Econ Stat 2011; 29: 238-249."
)
CHEN = (
    "Chen W, Samuelson FW. The average receiver operating characteristic curve in multireader multicase imaging "
    "studies. Br J Radiol 2014; 87: 20140016."
)
COHEN = "Cohen J. A coefficient of agreement for nominal scales. Educ Psychol Meas 1960; 20: 37-46."
COHEN_WEIGHTED = "Cohen J. Weighted kappa. Psychol Bull 1968; 70: 213-220."
DAVISON = "Davison AC, Hinkley DV. Bootstrap Methods and Their Application. Cambridge University Press, 1997."
DAWID = (
    "Dawid AP, Skene AM. Maximum likelihood estimation of observer error-rates using the EM algorithm. Appl Stat 1979; "
    "28: 20-28."
)
DELONG = (
    "DeLong ER, DeLong DM, Clarke-Pearson DL. Comparing the areas under two or more correlated receiver operating "
    "characteristic curves: a nonparametric approach. Biometrics 1988; 44: 837-845."
)
DERRICK = (
    "Derrick B, Russ B, Toher D, White P. Test statistics for the comparison of means for two samples that include "
    "both paired and independent observations. J Mod Appl Stat Methods 2017; 16: 137-157."
)
DURKALSKI = (
    "Durkalski VL, Palesch YY, Lipsitz SR, Rust PF. Analysis of clustered matched-pair data. Stat Med 2003; 22: "
    "2417-2428."
)
EFRON = "Efron B, Tibshirani RJ. An introduction to the bootstrap. Chapman & Hall, 1993."
FLEISS_1969 = (
    "Fleiss JL, Cohen J, Everitt BS. Large sample standard errors of kappa and weighted kappa. Psychol Bull 1969; 72: "
    "323-327."
)
GWET_2014 = "Gwet KL. Handbook of Inter-Rater Reliability. 4th ed. Advanced Analytics, 2014."
JONES = "Jones B, Kenward MG. Design and Analysis of Cross-Over Trials. 3rd ed. CRC Press, 2014."
KRIPPENDORFF = "Krippendorff K. Content Analysis: An Introduction to Its Methodology. 2nd ed. Sage, 2004."
FEINSTEIN = "Feinstein AR, Cicchetti DV. High agreement but low kappa. J Clin Epidemiol 1990; 43: 543-549."
FLEISS = "Fleiss JL. Measuring nominal scale agreement among many raters. Psychol Bull 1971; 76: 378-382."
GALLAS = "Gallas BD. One-shot estimate of MRMC variance: AUC. Acad Radiol 2006; 13: 353-362."
GWET = (
    "Gwet KL. Computing inter-rater reliability and its variance in the presence of high agreement. Br J Math Stat "
    "Psychol 2008; 61: 29-48."
)
HAN = (
    "Han SS, Kim MS, Lim W, et al. Classification of the clinical images for benign and malignant cutaneous tumors "
    "using a deep learning algorithm. J Invest Dermatol 2018; 138: 1529-1538."
)
HANLEY = (
    "Hanley JA, McNeil BJ. The meaning and use of the area under a receiver operating characteristic (ROC) curve. "
    "Radiology 1982; 143: 29-36."
)
HAYES = (
    "Hayes AF, Krippendorff K. Answering the call for a standard reliability measure for coding data. Commun Methods "
    "Meas 2007; 1: 77-89."
)
HEITZ = (
    "Heitz RP. The speed-accuracy tradeoff: history, physiology, methodology, and behavior. Front Neurosci 2014; 8: "
    "150."
)
HILLIS_2007 = (
    "Hillis SL. A comparison of denominator degrees of freedom methods for multiple observer ROC analysis. Stat Med "
    "2007; 26: 596-619."
)
HILLIS_2008 = (
    "Hillis SL, Berbaum KS, Metz CE. Recent developments in the Dorfman-Berbaum-Metz procedure for multireader ROC "
    "study analysis. Acad Radiol 2008; 15: 647-661."
)
HILLIS_2011 = (
    "Hillis SL, Obuchowski NA, Berbaum KS. Power estimation for multireader ROC methods: an updated and unified "
    "approach. Acad Radiol 2011; 18: 129-142."
)
HILLIS_2014 = (
    "Hillis SL. A marginal-mean ANOVA approach for analyzing multireader multicase radiological imaging data. Stat Med "
    "2014; 33: 330-360."
)
HOLM = "Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat 1979; 6: 65-70."
JIANG = (
    "Jiang Y, Metz CE, Nishikawa RM. A receiver operating characteristic partial area index for highly sensitive "
    "diagnostic tests. Radiology 1996; 201: 745-750."
)
LIANG = "Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models. Biometrika 1986; 73: 13-22."
LOUIS = (
    "Louis TA. Finding the observed information matrix when using the EM algorithm. J R Stat Soc B 1982; 44: 226-233."
)
MACKINNON = (
    "MacKinnon JG, Nielsen MO, Webb MD. Wild bootstrap and asymptotic inference with multiway clustering. J Bus Econ "
    "Stat 2021; 39: 505-519."
)
MANCL = (
    "Mancl LA, DeRouen TA. A covariance estimator for GEE with improved small-sample properties. Biometrics 2001; 57: "
    "126-134."
)
MCNEMAR = (
    "McNemar Q. Note on the sampling error of the difference between correlated proportions or percentages. "
    "Psychometrika 1947; 12: 153-157."
)
OBUCHOWSKI_1995 = (
    "Obuchowski NA, Rockette HE. Hypothesis testing of diagnostic accuracy for multiple readers and multiple tests: an "
    "ANOVA approach with dependent observations. Commun Stat Simul Comput 1995; 24: 285-308."
)
NEWCOMBE_2006 = (
    "Newcombe RG. Confidence intervals for an effect size measure based on the Mann-Whitney statistic. Part 2. "
    "Stat Med 2006; 25: 559-573."
)
OBUCHOWSKI_1997 = "Obuchowski NA. Nonparametric analysis of clustered ROC curve data. Biometrics 1997; 53: 567-578."
OWEN = "Owen AB. The pigeonhole bootstrap. Ann Appl Stat 2007; 1: 386-411."
RAO = "Rao JNK, Scott AJ. A simple method for the analysis of clustered binary data. Biometrics 1992; 48: 577-585."
RASCH = "Rasch G. Probabilistic Models for Some Intelligence and Attainment Tests. 1960."
RINNER = "Rinner C, et al. Combining the performance of skin lesion raters: collective intelligence. JMIR 2020."
SATTERTHWAITE = (
    "Satterthwaite FE. An approximate distribution of estimates of variance components. Biometrics Bull 1946; 2: "
    "110-114."
)
SCHEMMER = (
    "Schemmer M, et al. Appropriate reliance on AI advice: conceptualization and the effect of explanations. IUI 2023."
)
SENN = "Senn S. Cross-over Trials in Clinical Research. 2nd ed. Wiley, 2002."
TSCHANDL = (
    "Tschandl P, Rinner C, Apalla Z, et al. Human-computer collaboration for skin cancer recognition. Nat Med 2020; "
    "26: 1229-1234."
)
VARADHAN = (
    "Varadhan R, Roland C. Simple and globally convergent methods for accelerating the convergence of any EM "
    "algorithm. Scand J Stat 2008; 35: 335-353."
)
WELCH = (
    "Welch BL. The generalization of Student's problem when several different population variances are involved. "
    "Biometrika 1947; 34: 28-35."
)
YANIV = "Yaniv I. Receiving other people's advice. Organ Behav Hum Decis Process 2004; 93: 1-13."
ZHANG = "Zhang JT. An approximate Hotelling T2-test for heteroscedastic one-way MANOVA. Open J Stat 2012; 2: 1-11."

EVERY = tuple(value for name, value in sorted(globals().items()) if name.isupper() and isinstance(value, str))
"""All of them, for the test that none stands here twice."""
